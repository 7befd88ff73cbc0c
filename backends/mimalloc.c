/* mimalloc, 2.0 or newer, by its mi_ names only. */
#include <mimalloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "backend.h"
#include "compiler.h"

/* mi_malloc_aligned of 2.0.9 and before takes a short cut for 256, 512 and 1024 bytes that aligns
 * them to 128 only. */
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
 * They are not where mimalloc moves some blocks within their own: guarded ones (a build with
 * MI_GUARDED) lie before a page that faults, and those that its profiler samples, since 3.5, behind
 * a header. mi_umalloc, which tells a size with the block, is no help: it tells the size class,
 * mi_usable_size of a sampled block is 48 bytes less. */

/* Numbers of options change with the version: ask by those of the header, and only the library
 * that goes with it. */
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
static bool zm_mi_sizes_are_good;

/* The profiler may be switched on at any time: ask each block. */
#if MI_MALLOC_VERSION >= 30500 || (MI_MALLOC_VERSION >= 20500 && MI_MALLOC_VERSION < 30000)

#define ZM_MI_GOOD_SIZE NULL

#else

#define ZM_MI_GOOD_SIZE zm_mi_good_size

/* mi_good_size is wrong for builds with padding, and from 512 KiB up: there, ask. */
static size_t zm_mi_good_size(size_t n)
{
    return zm_mi_sizes_are_good && n <= 65536 ? mi_good_size(n) : 0;
}

#endif

/* Its first block makes mimalloc look for NUMA nodes, which leaves in errno that there is none:
 * better at load than in a call that succeeds. */
ZM_CONSTRUCTOR static void zm_mi_check_sizes(void)
{
    const size_t n = ZM_LEAST_ALIGNED_REQUEST;
    void *p = mi_malloc(n);
    zm_mi_sizes_are_good = p && mi_version() == MI_MALLOC_VERSION && !zm_mi_is_guarded()
                           && mi_usable_size(p) == mi_good_size(n);
    mi_free(p);
}

/* mimalloc counts what it committed, which is neither what it handed out nor what is resident. */
static void zm_mi_info(struct zm_allocator_info *info)
{
    (void)info;
}

/* 209 is 2.0.9, 2212 is 2.2.12, 30600 is 3.6.0: two digits of patch from the fourth digit on, two
 * of minor with the fifth. */
static void zm_mi_describe(char *buf, size_t len)
{
    int version = mi_version();
    int patches = version < 1000 ? 10 : 100, minors = version < 10000 ? 10 : 100;
    snprintf(buf, len, "mimalloc-%d.%d.%d", version / patches / minors, version / patches % minors,
             version % patches);
}

const struct zmalloc_backend zm_backend = {
    .min_request = ZM_LEAST_ALIGNED_REQUEST,
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
    .describe = zm_mi_describe,
};
