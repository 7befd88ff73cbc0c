/* Static zlib in the same program. Rule: its `zcalloc`, which has another signature, and ours each
 * answer their own callers. */
#include <string.h>
#include <zlib.h>

#include "total.h"

static void compress_and_back(void)
{
    static unsigned char text[20000], packed[20000], unpacked[20000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (unsigned char)(i % 251);
    uLongf packed_length = sizeof packed, unpacked_length = sizeof unpacked;
    require(compress(packed, &packed_length, text, sizeof text) == Z_OK, "compress failed");
    require(uncompress(unpacked, &unpacked_length, packed, packed_length) == Z_OK,
            "uncompress failed");
    require(unpacked_length == sizeof text && memcmp(text, unpacked, sizeof text) == 0,
            "zlib gave back another text");
}

/* deflateInit calls zlib's zcalloc where the caller names no allocator. */
static void keep_a_stream_open(z_stream *stream)
{
    memset(stream, 0, sizeof *stream);
    require(deflateInit(stream, Z_DEFAULT_COMPRESSION) == Z_OK, "deflateInit failed");
}

int main(void)
{
    z_stream stream;
    size_t before = zmalloc_used_memory();
    compress_and_back();
    keep_a_stream_open(&stream);
    require_total(before, "with a zlib stream open: zlib's zcalloc was taken for ours");

    for (size_t n = 0; n < 3000; n += 7) {
        unsigned char *block = zcalloc(n);
        require(block && zmalloc_usable(block) >= n, "zcalloc(%zu) gave no such block", n);
        require_total(before + zmalloc_size(block), "after zcalloc: ours was taken for zlib's");
        for (size_t i = 0; i < n; i++)
            require(block[i] == 0, "byte %zu of zcalloc(%zu) is %d", i, n, block[i]);
        memset(block, 0xff, n);
        zfree(block);
    }
    require(deflateEnd(&stream) == Z_OK, "deflateEnd failed");
    require_total(before, "at the end");
    return 0;
}
