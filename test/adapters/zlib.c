/* zlib: 10 MB there and back in a group, and a group that is too small for it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "zmalloc/zlib.h"

enum { TEXT = 10000000, PIECE = 1 << 16 };

static zgroup *group;
static unsigned char *text, *packed;
static uLong packed_size;

/* Half of it repeats what was before. */
static void write_text(void)
{
    uint64_t state = 17;
    for (size_t i = 0; i < TEXT; i++) {
        uint64_t n = next_random(&state);
        text[i] = n % 64 || i < 40000 ? (unsigned char)(' ' + (n >> 32) % 32) : text[i - 40000];
    }
}

static bool pack(size_t n)
{
    z_stream stream = {0};
    require(zmalloc_zlib_install(&stream, group) == 0, "the hooks were refused");
    int status = deflateInit(&stream, 6);
    if (status == Z_OK) {
        stream.next_in = text;
        stream.avail_in = (uInt)n;
        stream.next_out = packed;
        stream.avail_out = TEXT + PIECE;
        status = deflate(&stream, Z_FINISH);
        require(status == Z_STREAM_END, "deflate says %d", status);
        packed_size = stream.total_out;
        held();
        require(deflateEnd(&stream) == Z_OK, "deflateEnd fails");
        return true;
    }
    require(status == Z_MEM_ERROR, "deflateInit says %d", status);
    return false;
}

/* Unpacks one piece, which must be what is at `at` in the text. Returns its size. */
static size_t unpack_piece(z_stream *stream, size_t at, size_t n, int *status)
{
    static unsigned char out[PIECE];
    stream->next_out = out;
    stream->avail_out = sizeof out;
    *status = inflate(stream, Z_NO_FLUSH);
    size_t got = sizeof out - stream->avail_out;
    require(at + got <= n && memcmp(out, text + at, got) == 0,
            "%zu bytes at %zu are not what they were", got, at);
    return got;
}

/* Goes on with a copy of the stream half way: zlib knows a stream by its address. */
static bool unpack(size_t n)
{
    z_stream streams[2] = {{0}}, *stream = streams;
    require(zmalloc_zlib_install(stream, group) == 0, "the hooks were refused");
    int status = inflateInit(stream);
    if (status == Z_OK) {
        stream->next_in = packed;
        stream->avail_in = (uInt)packed_size;
        for (size_t at = 0; status == Z_OK;) {
            at += unpack_piece(stream, at, n, &status);
            if (stream == streams && at >= n / 2 && status == Z_OK) {
                status = inflateCopy(streams + 1, stream);
                held();
                if (status == Z_OK) {
                    inflateEnd(stream);
                    stream = streams + 1;
                }
            }
        }
        require(inflateEnd(stream) == Z_OK, "inflateEnd fails");
    }
    require(status == Z_STREAM_END || status == Z_MEM_ERROR, "inflate says %d", status);
    return status == Z_STREAM_END;
}

static bool there_and_back(void)
{
    return pack(TEXT) && unpack(TEXT);
}

static bool some_there_and_back(void)
{
    return pack(4 * PIECE) && unpack(4 * PIECE);
}

int main(void)
{
    text = malloc(TEXT);
    packed = malloc(TEXT + PIECE);
    require(text && packed, "no memory for the text");
    write_text();

    errno = 0;
    require(zmalloc_zlib_install(NULL, NULL) == -1 && errno == EINVAL, "no stream is taken");
    require(SIZE_MAX > UINT_MAX || zmalloc_zlib_alloc(NULL, UINT_MAX, 2) == Z_NULL,
            "a product that wraps is allocated");

    /* zlib.h: deflate takes (1 << 17) + (1 << 17) bytes beside its small structures. */
    require_work(there_and_back, 1 << 18);
    group = zgroup_new("zlib", NULL, 0);
    require_work_in(group, there_and_back, 1 << 18);
    printf("zlib %s: %zu bytes at most\n", zlibVersion(), zgroup_peak(group));
    require_work_under_failures(some_there_and_back, 6);

    zgroup_set_limit(group, 200000);
    require(!pack(TEXT) && zgroup_used(group) == 0, "a limit of 200,000 bytes holds nothing up");
    require(zgroup_destroy(group) == 0, "the group is in use");
    free(text);
    free(packed);
    return 0;
}
