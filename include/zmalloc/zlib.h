/* zlib on zmalloc: the memory of a stream is in the total, and in a group where one is given.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/zlib.h>
 *
 *     z_stream stream = {0};
 *     zmalloc_zlib_install(&stream, group);
 *     if (deflateInit(&stream, 6) != Z_OK)
 *         ... Z_MEM_ERROR: over the group's limit, or there is no memory
 *
 * Call it before deflateInit, inflateInit and their likes, which take memory at once: about 260 KiB
 * for deflate, 7 KiB for inflate and 32 KiB more at the first output that it must remember. Where
 * any of these fails, all that the stream took is given back or goes with deflateEnd, inflateEnd.
 * Tried with zlib 1.2.13; zlib-ng's zlib.h has the same interface.
 *
 * What to know:
 *  - A copy (deflateCopy, inflateCopy) has the hooks and the group of its source.
 *  - compress(), uncompress() and the gz calls take no hooks: they use the C library's malloc.
 *  - Threads: as many as there are streams.
 */
#ifndef ZMALLOC_ZLIB_H
#define ZMALLOC_ZLIB_H

#include "../zmalloc.h"

#include <zlib.h>

#include <errno.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* zlib multiplies two unsigned ints: where size_t is no wider, the product may wrap. */
static inline voidpf zmalloc_zlib_alloc(voidpf group, uInt items, uInt size)
{
    if (size != 0 && items > SIZE_MAX / size)
        return Z_NULL;
    return zgroup_malloc((zgroup *)group, (size_t)items * size);
}

static inline void zmalloc_zlib_free(voidpf group, voidpf block)
{
    zgroup_free((zgroup *)group, block);
}

/* Fills in zalloc, zfree and opaque of *stream, so that it takes its memory from `group`, or from
 * none for NULL; the group must outlive the stream. Nothing else of it is touched or allocated.
 * Returns 0; -1 with errno EINVAL where stream is NULL. A stream that is in use must not be given:
 * zlib does not tell. */
static inline int zmalloc_zlib_install(z_stream *stream, zgroup *group)
{
    if (!stream) {
        errno = EINVAL;
        return -1;
    }
    stream->zalloc = zmalloc_zlib_alloc;
    stream->zfree = zmalloc_zlib_free;
    stream->opaque = group;
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif
