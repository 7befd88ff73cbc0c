/* zstd: 10 MB there and back in a group, on one thread and on two, and a group that is too small.
 */
#include "zmalloc/zstd.h" /* must be the first with zstd.h */

#include <stdlib.h>
#include <string.h>
#include <zstd_errors.h>

#include "adapter.h"

enum { TEXT = 10000000, ROOM = TEXT + TEXT / 8, DICTIONARY = 20000 };

static zgroup *group;
static unsigned char *text, *packed, *unpacked;
static size_t text_size = TEXT, packed_size;
static int level = 3, workers;
static bool under_failures;

static void write_text(void)
{
    uint64_t state = 17;
    for (size_t i = 0; i < TEXT; i++) {
        uint64_t n = next_random(&state);
        text[i] = n % 64 || i < 400000 ? (unsigned char)(' ' + (n >> 32) % 32) : text[i - 400000];
    }
}

static bool is_good(size_t result)
{
    require(!ZSTD_isError(result) || ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation,
            "zstd says: %s", ZSTD_getErrorName(result));
    return !ZSTD_isError(result);
}

static bool pack(void)
{
    ZSTD_CCtx *context = ZSTD_createCCtx_advanced(zmalloc_zstd_mem(group));
    if (!context)
        return false;
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    if (workers)
        ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, workers);
    packed_size = ZSTD_compress2(context, packed, ROOM, text, text_size);
    bool good = is_good(packed_size);
    size_t now = held(), own = ZSTD_sizeof_CCtx(context);
    /* With workers, zstd gives what they hold at this moment. */
    require(!good || workers || now >= own, "zstd holds %zu bytes, and the group %zu", own, now);
    ZSTD_freeCCtx(context);
    return good;
}

static bool unpack(void)
{
    ZSTD_DCtx *context = ZSTD_createDCtx_advanced(zmalloc_zstd_mem(group));
    if (!context)
        return false;
    memset(unpacked, 0, text_size);
    ZSTD_inBuffer in = {packed, packed_size, 0};
    ZSTD_outBuffer out = {unpacked, text_size, 0};
    size_t more = 1;
    bool good = true;
    while (good && more != 0) {
        /* In pieces, so that it needs a window of its own. */
        out.size = out.pos + 100000 < text_size ? out.pos + 100000 : text_size;
        more = ZSTD_decompressStream(context, &out, &in);
        good = is_good(more);
    }
    size_t now = held(), own = ZSTD_sizeof_DCtx(context);
    require(now >= own, "zstd holds %zu bytes, and the group %zu", own, now);
    require(!good || (out.pos == text_size && memcmp(text, unpacked, text_size) == 0),
            "the text is not what it was");
    ZSTD_freeDCtx(context);
    return good;
}

static bool there_and_back(void)
{
    return pack() && unpack();
}

/* A dictionary for both ways too. */
static bool some_there_and_back(void)
{
    ZSTD_customMem mem = zmalloc_zstd_mem(group);
    ZSTD_compressionParameters with = ZSTD_getCParams(3, 0, DICTIONARY);
    /* Up to 1.5.5 it writes to the dictionary that it could not allocate: zstd's #3847. */
    bool with_cdict = ZSTD_versionNumber() >= 10506 || !under_failures;
    ZSTD_CDict *cdict = with_cdict ? ZSTD_createCDict_advanced(text, DICTIONARY, ZSTD_dlm_byCopy,
                                                               ZSTD_dct_auto, with, mem)
                                   : NULL;
    ZSTD_DDict *ddict =
        ZSTD_createDDict_advanced(text, DICTIONARY, ZSTD_dlm_byCopy, ZSTD_dct_auto, mem);
    bool good = (cdict || !with_cdict) && ddict && pack() && unpack();
    ZSTD_freeCDict(cdict);
    ZSTD_freeDDict(ddict);
    return good;
}

int main(void)
{
    text = malloc(TEXT);
    packed = malloc(ROOM);
    unpacked = malloc(TEXT);
    require(text && packed && unpacked, "no memory for the text");
    write_text();

    require_work(there_and_back, 1 << 20);
    group = zgroup_new("zstd", NULL, 0);
    require_work_in(group, there_and_back, 1 << 20);
    printf("zstd %s: %zu bytes at most, ", ZSTD_versionString(), zgroup_peak(group));
    workers = 2;
    zgroup_reset_peak(group);
    require_work_in(group, there_and_back, 1 << 20);
    printf("%zu with two workers\n", zgroup_peak(group));

    /* Without workers: with them zstd writes to what customAlloc did not give, in versions before
     * its #4613 of 2026. */
    workers = 0;
    text_size = 300000;
    require_work_in(group, some_there_and_back, 1 << 19);
    under_failures = true;
    require_work_under_failures(some_there_and_back, 5);

    text_size = TEXT;
    level = 12;
    zgroup_set_limit(group, 2000000);
    require(!pack() && zgroup_used(group) == 0, "a limit of 2,000,000 bytes holds nothing up");
    require(zgroup_destroy(group) == 0, "the group is in use");
    free(text);
    free(packed);
    free(unpacked);
    return 0;
}
