/* Zstandard on zmalloc: the memory of a context is in the total, and in a group where one is given.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/zstd.h>
 *
 *     ZSTD_CCtx *context = ZSTD_createCCtx_advanced(zmalloc_zstd_mem(group));
 *     if (!context)
 *         ... over the group's limit, or there is no memory
 *
 * For each ZSTD_create*_advanced call: contexts, streams, dictionaries. zstd calls them
 * experimental, and so this defines ZSTD_STATIC_LINKING_ONLY; shared libraries have them unless
 * they were built to hide them. Tried with zstd 1.5.4.
 *
 * What to know:
 *  - ZSTD_compress2 and its likes may take memory too, a few MiB at high levels, and then fail with
 *    ZSTD_error_memory_allocation. The context may be used again.
 *  - ZSTD_createCCtx() and other calls that are given no ZSTD_customMem use the C library's malloc,
 *    as does ZSTD_createThreadPool().
 *  - Where the group has no room left, zstd up to 1.5.5 crashes in ZSTD_createCDict_advanced (its
 *    #3847), and before its #4613 (2026) with ZSTD_c_nbWorkers: it writes to what it was not given.
 *    Set no limit where these are used.
 *  - Threads: any number. With ZSTD_c_nbWorkers the workers take from the same group.
 */
#ifndef ZMALLOC_ZSTD_H
#define ZMALLOC_ZSTD_H

#include "../zmalloc.h"

#ifndef ZSTD_STATIC_LINKING_ONLY
#define ZSTD_STATIC_LINKING_ONLY
#endif
#include <zstd.h>
#ifndef ZSTD_H_ZSTD_STATIC_LINKING_ONLY
#error "zmalloc/zstd.h: zstd.h came before, without ZSTD_STATIC_LINKING_ONLY. Include this first."
#endif

#ifdef __cplusplus
extern "C" {
#endif

static inline void *zmalloc_zstd_alloc(void *group, size_t n)
{
    return zgroup_malloc((zgroup *)group, n);
}

static inline void zmalloc_zstd_free(void *group, void *block)
{
    zgroup_free((zgroup *)group, block);
}

/* The hooks that take memory from `group`, or from none for NULL; the group must outlive what is
 * created with them. Allocates nothing and cannot fail. */
static inline ZSTD_customMem zmalloc_zstd_mem(zgroup *group)
{
    ZSTD_customMem mem;
    mem.customAlloc = zmalloc_zstd_alloc;
    mem.customFree = zmalloc_zstd_free;
    mem.opaque = group;
    return mem;
}

#ifdef __cplusplus
}
#endif

#endif
