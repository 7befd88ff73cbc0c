/* mimalloc, 2.0 or newer, by its mi_ names. */
#include <mimalloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

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

/* ---- Whether sizes are a function of the request ----
 *
 * Not where mimalloc moves some blocks within their own: guarded ones (a build with MI_GUARDED) lie
 * before a page that faults, those that its profiler samples (since 3.5) behind a header. There
 * mi_umalloc does not help: it tells the size class, and mi_usable_size 48 bytes less. */

/* The numbers of options change with the version: only the very library of the header is asked. */
#if MI_MALLOC_VERSION >= 218
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
static bool zm_mi_sizes_are_predictable;

/* The profiler may be switched on at any time: ask each block. */
#if MI_MALLOC_VERSION >= 30500 || (MI_MALLOC_VERSION >= 20500 && MI_MALLOC_VERSION < 30000)

#define ZM_MI_GOOD_SIZE NULL

#else

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
    zm_mi_sizes_are_predictable = p && mi_version() == MI_MALLOC_VERSION && !zm_mi_is_guarded()
                                  && mi_usable_size(p) == mi_good_size(n);
    mi_free(p);
}

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
    .block_size = zm_mi_usable_size,
    .usable_size = zm_mi_usable_size,
    .null_ok = true,
    .good_size = ZM_MI_GOOD_SIZE,
    .info = zm_mi_info,
    .purge = zm_mi_purge,
    .describe = zm_mi_describe,
};
