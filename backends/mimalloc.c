/* mimalloc, 2.0 or newer, by its mi_ names. */
#include <mimalloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "atomic.h"
#include "backend.h"
#include "compiler.h"

/* By mi_malloc_aligned_at: mi_malloc_aligned of 2.0.9 and before aligns blocks of 256, 512 and 1024
 * bytes to 128 only. */
static void *zm_mi_aligned_alloc(size_t align, size_t n)
{
    return mi_malloc_aligned_at(n, align, 0);
}

static void zm_mi_free_sized(void *p, size_t size)
{
    (void)size;
    mi_free(p);
}

static size_t zm_mi_usable_size(void *p)
{
    return mi_usable_size(p);
}

/* 209 is 2.0.9, 2212 is 2.2.12, 30600 is 3.6.0: here 20009, 20212, 30600. */
#if MI_MALLOC_VERSION < 1000
#define ZM_MI_VERSION                                                                              \
    (MI_MALLOC_VERSION / 100 * 10000 + MI_MALLOC_VERSION / 10 % 10 * 100 + MI_MALLOC_VERSION % 10)
#elif MI_MALLOC_VERSION < 10000
#define ZM_MI_VERSION                                                                              \
    (MI_MALLOC_VERSION / 1000 * 10000 + MI_MALLOC_VERSION / 100 % 10 * 100                         \
     + MI_MALLOC_VERSION % 100)
#else
#define ZM_MI_VERSION MI_MALLOC_VERSION
#endif

/* ---- Whether sizes are a function of the request ----
 *
 * Not where mimalloc moves some blocks within their own: guarded ones (a build with MI_GUARDED) lie
 * before a page that faults, those that its profiler samples (since 3.5) behind a header. */

/* The numbers of options change with the version: only the very library of the header is asked. */
#if ZM_MI_VERSION >= 20108
static bool zm_mi_is_guarded(void)
{
    return mi_option_get(mi_option_guarded_sample_rate) != 0;
}
#else
static bool zm_mi_is_guarded(void)
{
    return false;
}
#endif

/* Set at load. */
static bool zm_mi_sizes_are_predictable, zm_mi_sizes_are_rounded;

/* The profiler may be switched on at any time. */
#if ZM_MI_VERSION >= 30500 || (ZM_MI_VERSION >= 20500 && ZM_MI_VERSION < 30000)

#define ZM_MI_HAS_PROFILER 1
#define ZM_MI_GOOD_SIZE NULL

#else

#define ZM_MI_HAS_PROFILER 0
#define ZM_MI_GOOD_SIZE zm_mi_good_size

/* mi_good_size is wrong in builds with padding and from 512 KiB up: 0 there. */
static size_t zm_mi_good_size(size_t n)
{
    return zm_mi_sizes_are_predictable && n <= 65536 ? mi_good_size(n) : 0;
}

#endif

/* One block tells. Taken at load, as mimalloc's first block looks for NUMA nodes and leaves an
 * error in errno where there are none. */
ZM_CONSTRUCTOR static void zm_mi_check_sizes(void)
{
    const size_t n = ZM_MIN_ALIGNED_REQUEST;
    void *p = mi_malloc(n);
    size_t usable = mi_usable_size(p);
    zm_mi_sizes_are_predictable =
        p && mi_version() == MI_MALLOC_VERSION && !zm_mi_is_guarded() && usable == mi_good_size(n);
    zm_mi_sizes_are_rounded = usable % sizeof(long) == 0;
    mi_free(p);
}

/* ---- Sizes told by the calls that allocate and free ----
 *
 * They tell the size of the block that a page is divided into, also where the caller's part of it
 * begins later: aligned and sampled blocks. mi_usable_size tells what is left of it there, so what
 * is charged is what mi_urealloc says of a block that it is to leave as it is. */

#if (ZM_MI_VERSION >= 20206 && ZM_MI_VERSION < 30000)                                              \
    || (ZM_MI_VERSION >= 30011 && ZM_MI_VERSION < 30100) || ZM_MI_VERSION >= 30106

static size_t zm_mi_told_size(void *p)
{
    size_t size = 0, after;
    return mi_urealloc(p, mi_usable_size(p), &size, &after) == p ? size : 0;
}

#if ZM_MI_HAS_PROFILER

static void *zm_mi_malloc_sizing(size_t n, size_t *size)
{
    return mi_umalloc(n, size);
}

static void *zm_mi_zalloc_sizing(size_t n, size_t *size)
{
    return mi_ucalloc(1, n, size);
}

#define ZM_MI_ALLOCATING .malloc_sizing = zm_mi_malloc_sizing, .zalloc_sizing = zm_mi_zalloc_sizing

#else

#define ZM_MI_ALLOCATING .malloc_sizing = NULL

#endif

static size_t zm_mi_free_sizing(void *p)
{
    size_t size;
    mi_ufree(p, &size);
    return size;
}

/* Not in builds with padding, where all these tell more than mi_usable_size. */
static bool zm_mi_sizes_agree(void)
{
    size_t given = 0;
    void *p = mi_umalloc(1000, &given);
    bool agree =
        p && !zm_mi_is_guarded() && given == mi_usable_size(p) && given == zm_mi_told_size(p);
    size_t freed = zm_mi_free_sizing(p);
    return agree && freed == given;
}

/* Found out once, before any block is charged. */
static bool zm_mi_are_sizes_told(void)
{
    enum { UNKNOWN, TOLD, NOT_TOLD };
    static ZM_ATOMIC(int) state;
    if (ZM_UNLIKELY(zm_load(&state) == UNKNOWN))
        zm_store(&state, zm_mi_sizes_agree() ? TOLD : NOT_TOLD);
    return zm_load(&state) == TOLD;
}

static size_t zm_mi_query(void *p)
{
    return zm_mi_are_sizes_told() ? zm_mi_told_size(p) : mi_usable_size(p);
}

#define ZM_MI_FREEING .free_sizing = zm_mi_free_sizing
#define ZM_MI_HOLDS zm_mi_are_sizes_told

#else

static bool zm_mi_are_sizes_rounded(void)
{
    zm_mi_check_sizes();
    return zm_mi_sizes_are_rounded;
}

#define zm_mi_query zm_mi_usable_size
#define ZM_MI_ALLOCATING .malloc_sizing = NULL
#define ZM_MI_FREEING .free_sizing = NULL
#define ZM_MI_HOLDS zm_mi_are_sizes_rounded

#endif

/* mimalloc counts what it committed, which is neither what it handed out nor what is resident. */
static void zm_mi_info(struct zm_allocator_info *info)
{
    (void)info;
}

/* Of this thread, and of those that ended. */
static void zm_mi_purge(void)
{
    mi_collect(true);
}

/* 209 is 2.0.9, 2212 is 2.2.12, 30600 is 3.6.0: two digits of patch from the fourth digit on, two
 * of minor with the fifth. */
static void zm_mi_describe(char *buf, size_t len)
{
    int version = mi_version();
    int patch_base = version < 1000 ? 10 : 100, minor_base = version < 10000 ? 10 : 100;
    snprintf(buf, len, "mimalloc-%d.%d.%d", version / patch_base / minor_base,
             version / patch_base % minor_base, version % patch_base);
}

const struct zm_backend_vtable zm_backend = {
    .min_request = ZM_MIN_ALIGNED_REQUEST,
    .alignment = _Alignof(max_align_t),
    .malloc = mi_malloc,
    .zalloc = mi_zalloc,
    .malloc_no_tcache = mi_malloc,
    .free_no_tcache = mi_free,
    .realloc = mi_realloc,
    .aligned_alloc = zm_mi_aligned_alloc,
    .free_sized = zm_mi_free_sized,
    .block_size = zm_mi_query,
    ZM_MI_ALLOCATING,
    ZM_MI_FREEING,
    .sizes_are_rounded = true,
    .can_allocate_fast = ZM_MI_HAS_PROFILER ? ZM_MI_HOLDS : NULL,
    .can_free_fast = ZM_MI_HOLDS,
    .usable_size = zm_mi_usable_size,
    .good_size = ZM_MI_GOOD_SIZE,
    .info = zm_mi_info,
    .purge = zm_mi_purge,
    .describe = zm_mi_describe,
};
