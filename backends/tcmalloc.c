/* gperftools' tcmalloc, 2.6 or newer, by its tc_ names. */
#include <errno.h>
#include <gperftools/malloc_extension_c.h>
#include <gperftools/nallocx.h>
#include <gperftools/tcmalloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "atomic.h"
#include "backend.h"
#include "compiler.h"
#include "config.h"

static void *zm_tc_zalloc(size_t n)
{
    return tc_calloc(1, n);
}

/* tc_free_sized takes the block for one of its size's class. A block aligned to a page or more may
 * be a span of whole pages instead, so those go by tc_free; no page is smaller than 4 KiB. */
static void zm_tc_free_sized(void *p, size_t size)
{
    if (ZM_LIKELY(size % 4096))
        tc_free_sized(p, size);
    else
        tc_free(p);
}

/* In a private copy: see subprojects/packagefiles/gperftools. */
#if ZM_HAVE_FREE_SIZING
#define ZM_TC_FREEING .free_sizing = tc_free_sizing, .keeps_errno = true
#else
#define ZM_TC_FREEING .keeps_errno = false
#endif

/* ---- Sizes ----
 *
 * Up to 2.10 the first tc_malloc_size calls operator new, which a program may have built on this
 * library, and it returns 0 before gperftools is initialized. tc_nallocx does neither, but holds
 * for new blocks only, sampled ones too, and not in a debugging build: tc_realloc keeps a block
 * down to half its size and pads growth. */

static ZM_ATOMIC(int) zm_tc_size_query_works;
static _Thread_local bool zm_tc_in_size_query ZM_TLS_MODEL;

/* 0 while tcmalloc cannot tell: before it is initialized, and within its first query on this
 * thread. */
static size_t zm_tc_queried_size(void *p)
{
    if (zm_load(&zm_tc_size_query_works))
        return tc_malloc_size(p);
    if (zm_tc_in_size_query)
        return 0;
    zm_tc_in_size_query = true;
    size_t size = tc_malloc_size(p);
    zm_tc_in_size_query = false;
    if (size)
        zm_store(&zm_tc_size_query_works, 1);
    return size;
}

/* tc_nallocx takes the alignment as jemalloc's MALLOCX_LG_ALIGN, its base-2 logarithm. */
static size_t zm_tc_fresh_block_size(void *p, size_t align, size_t n)
{
    size_t size = zm_tc_queried_size(p);
    int lg_align = 0;
    for (; !size && align > 1; align /= 2)
        lg_align++;
    return size ? size : tc_nallocx(n, lg_align);
}

/* Not in a debugging build, where a block has the very size that was asked for. */
static bool zm_tc_are_sizes_rounded(void)
{
    void *p = tc_malloc(ZM_MIN_ALIGNED_REQUEST);
    size_t size = zm_tc_queried_size(p);
    bool are = size != 0 && size % sizeof(long) == 0;
    tc_free(p);
    return are;
}

static size_t zm_tc_good_size(size_t n)
{
    return zm_load(&zm_tc_size_query_works) ? tc_nallocx(n, 0) : 0;
}

static bool zm_tc_property(const char *name, size_t *value)
{
    return MallocExtension_GetNumericProperty(name, value);
}

static size_t zm_tc_saturating_sub(size_t n, size_t less)
{
    return n > less ? n - less : 0;
}

/* Pages in the page heap that were given back to the system count as heap, but are not resident.
 * The figures are of different moments where other threads allocate. */
static void zm_tc_info(struct zm_allocator_info *info)
{
    size_t heap, unmapped, free_pages;
    zm_tc_property("generic.current_allocated_bytes", &info->allocated);
    if (!zm_tc_property("generic.heap_size", &heap)
        || !zm_tc_property("tcmalloc.pageheap_unmapped_bytes", &unmapped))
        return;
    info->resident = zm_tc_saturating_sub(heap, unmapped);
    if (zm_tc_property("tcmalloc.pageheap_free_bytes", &free_pages))
        info->active = zm_tc_saturating_sub(info->resident, free_pages);
}

/* Whole free spans. What the threads and the central lists hold cannot be asked back. */
static void zm_tc_purge(void)
{
    MallocExtension_ReleaseFreeMemory();
}

/* As large as any it was seen to write; gperftools cuts it to the buffer. */
static int zm_tc_report(void (*write)(void *context, const char *text), void *context)
{
    const int room = 1 << 16;
    char *text = tc_malloc((size_t)room);
    if (!text) {
        errno = ENOMEM;
        return -1;
    }
    MallocExtension_GetStats(text, room);
    write(context, text);
    tc_free(text);
    return 0;
}

static void zm_tc_describe(char *buf, size_t len)
{
    int major, minor;
    const char *patch;
    tc_version(&major, &minor, &patch);
    snprintf(buf, len, "tcmalloc-%d.%d%s", major, minor, patch);
}

const struct zm_backend_vtable zm_backend = {
    .min_request = ZM_MIN_ALIGNED_REQUEST,
    .alignment = _Alignof(max_align_t),
    .malloc = tc_malloc,
    .zalloc = zm_tc_zalloc,
    .malloc_no_tcache = tc_malloc,
    .free_no_tcache = tc_free,
    .realloc = tc_realloc,
    .aligned_alloc = tc_memalign,
    .free_sized = zm_tc_free_sized,
    ZM_TC_FREEING,
    .sizes_are_rounded = true,
    .can_free_fast = zm_tc_are_sizes_rounded,
    .block_size = tc_malloc_size,
    .usable_size = zm_tc_queried_size,
    .good_size = zm_tc_good_size,
    .fresh_block_size = zm_tc_fresh_block_size,
    .info = zm_tc_info,
    .purge = zm_tc_purge,
    .report = zm_tc_report,
    .describe = zm_tc_describe,
};
