/* mimalloc, 2.0 or newer, by its mi_ names. */
#include <mimalloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "backend.h"
#include "compiler.h"

/* By mi_malloc_aligned_at: mi_malloc_aligned of 2.0.9 and before aligns blocks of 256, 512 and 1024
 * bytes to 128 only. */
static void *zm_mi_aligned(size_t align, size_t n)
{
    return mi_malloc_aligned_at(n, align, 0);
}

static void *zm_mi_aligned_zeroed(size_t align, size_t n)
{
    return mi_zalloc_aligned_at(n, align, 0);
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

/* 209 is 2.0.9, 2212 is 2.2.12, 30600 is 3.6.0: by this 20009, 20212, 30600. */
#define ZM_MI_FIVE_DIGITS(version)                                                                 \
    ((version) < 1000    ? (version) / 100 * 10000 + (version) / 10 % 10 * 100 + (version) % 10    \
     : (version) < 10000 ? (version) / 1000 * 10000 + (version) % 1000                             \
                         : (version))
#define ZM_MI_VERSION ZM_MI_FIVE_DIGITS(MI_MALLOC_VERSION)

/* ---- Whether sizes are a function of the request ----
 *
 * Not where mimalloc moves some blocks within their own: guarded ones (a build with MI_GUARDED) lie
 * before a page that faults, those that its profiler samples behind a header. */

/* What is said below of a version is not of another, which may come with the same SONAME: its
 * options have other numbers, and 3.5 brought the profiler. */
static bool zm_mi_is_as_built(void)
{
    return mi_version() == MI_MALLOC_VERSION;
}

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

#if ZM_MI_VERSION >= 30500 || (ZM_MI_VERSION >= 20500 && ZM_MI_VERSION < 30000)

/* In no header that is installed. False if there is a profiler already. */
#pragma weak mi_heap_main
#pragma weak mi_heap_profile
#pragma weak mi_profile
mi_heap_t *mi_heap_main(void);
bool mi_heap_profile(mi_heap_t *heap, void *profiler);
bool mi_profile(void *profiler);

/* Whether no block is sampled: a profiler that samples nothing takes the places that there are, of
 * the heap that all blocks are from and of those to come, and whoever comes with another is told
 * that it cannot be. */
static bool zm_mi_keeps_profilers_out(void)
{
    static long samples_nothing[64]; /* larger than any is */
    return mi_heap_main && mi_heap_profile && mi_profile
           && mi_heap_profile(mi_heap_main(), samples_nothing) && mi_profile(samples_nothing);
}

#else

static bool zm_mi_keeps_profilers_out(void)
{
    return true;
}

#endif

/* Set at load. */
static bool zm_mi_blocks_stay, zm_mi_sizes_are_predictable;

/* mi_good_size is wrong in builds with padding and from 512 KiB up: 0 there. */
static size_t zm_mi_good_size(size_t n)
{
    return zm_mi_sizes_are_predictable && n <= 65536 ? mi_good_size(n) : 0;
}

/* What mi_good_size says is true of most builds up to here; from there on the bins are coarser than
 * it says, in each version by a rule of its own. */
#define ZM_MI_LARGE 131073

static size_t zm_mi_likely_size(size_t n)
{
    return n < ZM_MI_LARGE ? mi_good_size(n) : n;
}

/* One block tells. Taken at load, as mimalloc's first block looks for NUMA nodes and leaves an
 * error in errno where there are none. */
ZM_CONSTRUCTOR static void zm_mi_check_sizes(void)
{
    const size_t n = ZM_MIN_ALIGNED_REQUEST;
    void *p = mi_malloc(n);
    zm_mi_blocks_stay =
        zm_mi_blocks_stay
        || (zm_mi_is_as_built() && !zm_mi_is_guarded() && zm_mi_keeps_profilers_out());
    zm_mi_sizes_are_predictable = p && zm_mi_blocks_stay && mi_usable_size(p) == mi_good_size(n);
    mi_free(p);
}

/* ---- The size told by the call that frees ----
 *
 * mi_ufree tells the size of the block that a page is divided into; mi_usable_size, which is what
 * is charged, less where the caller's part of it begins later, as it may in aligned blocks. */

#if (ZM_MI_VERSION >= 20206 && ZM_MI_VERSION < 30000)                                              \
    || (ZM_MI_VERSION >= 30011 && ZM_MI_VERSION < 30100) || ZM_MI_VERSION >= 30106

static size_t zm_mi_free_sizing(void *p)
{
    size_t size;
    mi_ufree(p, &size);
    return size;
}

/* Not in builds with padding, where it tells more, nor where any block may be moved. */
static bool zm_mi_can_free_fast(void)
{
    zm_mi_check_sizes(); /* which may not have come yet */
    void *p = mi_malloc(1000);
    size_t usable = mi_usable_size(p);
    return p && zm_mi_free_sizing(p) == usable && zm_mi_blocks_stay;
}

#define ZM_MI_FREEING .free_sizing = zm_mi_free_sizing, .misjudges_aligned = true

#else

/* Not in builds with padding, nor with guarded blocks. */
static bool zm_mi_can_free_fast(void)
{
    void *p = mi_malloc(ZM_MIN_ALIGNED_REQUEST);
    bool is_rounded = mi_usable_size(p) % sizeof(long) == 0;
    mi_free(p);
    return is_rounded && zm_mi_is_as_built() && !zm_mi_is_guarded();
}

#define ZM_MI_FREEING .free_sizing = NULL

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

struct zm_mi_reader {
    void (*write)(void *context, const char *text);
    void *context;
};

static void zm_mi_hand_on(const char *text, void *to)
{
    struct zm_mi_reader *reader = to;
    reader->write(reader->context, text);
}

static int zm_mi_report(void (*write)(void *context, const char *text), void *context)
{
    struct zm_mi_reader reader = {write, context};
    mi_stats_print_out(zm_mi_hand_on, &reader);
    return 0;
}

static void zm_mi_describe(char *buf, size_t len)
{
    int version = ZM_MI_FIVE_DIGITS(mi_version());
    snprintf(buf, len, "mimalloc-%d.%d.%d", version / 10000, version / 100 % 100, version % 100);
}

const struct zm_backend_vtable zm_backend = {
    .min_request = ZM_MIN_ALIGNED_REQUEST,
    .alignment = _Alignof(max_align_t),
    .malloc = mi_malloc,
    .zalloc = mi_zalloc,
    .malloc_no_tcache = mi_malloc,
    .free_no_tcache = mi_free,
    .realloc = mi_realloc,
    .aligned_alloc = zm_mi_aligned,
    .aligned_zalloc = zm_mi_aligned_zeroed,
    .free_sized = zm_mi_free_sized,
    .block_size = zm_mi_usable_size,
    .usable_size = zm_mi_usable_size,
    ZM_MI_FREEING,
    .sizes_are_rounded = true,
    .can_free_fast = zm_mi_can_free_fast,
    .good_size = zm_mi_good_size,
    .likely_size = zm_mi_likely_size,
    .aligned_is_alike_from = ZM_MI_LARGE,
    .info = zm_mi_info,
    .purge = zm_mi_purge,
    .report = zm_mi_report,
    .describe = zm_mi_describe,
};
