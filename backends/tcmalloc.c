/* gperftools' tcmalloc, 2.6 or newer, by its tc_ names only. */
#include <gperftools/malloc_extension_c.h>
#include <gperftools/nallocx.h>
#include <gperftools/tcmalloc.h>
#include <stddef.h>
#include <stdio.h>

#include "backend.h"

static void *zm_tc_zalloc(size_t n)
{
    return tc_calloc(1, n);
}

/* tc_free_sized believes that a block of this size lies in a span of its size class. One aligned to
 * a page or more may be a span of its own, which is some whole pages; no page is under 4 KiB. */
static void zm_tc_free_sized(void *p, size_t size)
{
    if (size % 4096)
        tc_free_sized(p, size);
    else
        tc_free(p);
}

/* Holds for fresh blocks only: tc_realloc keeps a block down to half its size and pads growth. */
static size_t zm_tc_good_size(size_t n)
{
    return tc_nallocx(n, 0);
}

/* Pages in the page heap that were given back to the system count as heap, but are not resident. */
static int zm_tc_info(struct zm_allocator_info *info)
{
    size_t heap, unmapped;
    if (!MallocExtension_GetNumericProperty("generic.current_allocated_bytes", &info->allocated)
        || !MallocExtension_GetNumericProperty("generic.heap_size", &heap)
        || !MallocExtension_GetNumericProperty("tcmalloc.pageheap_unmapped_bytes", &unmapped))
        return 0;
    size_t free_pages;
    if (!MallocExtension_GetNumericProperty("tcmalloc.pageheap_free_bytes", &free_pages))
        return 0;
    info->active = heap - unmapped - free_pages;
    info->resident = heap - unmapped;
    return 1;
}

static void zm_tc_describe(char *buf, size_t len)
{
    int major, minor;
    const char *patch;
    tc_version(&major, &minor, &patch);
    snprintf(buf, len, "tcmalloc-%d.%d%s", major, minor, patch);
}

const struct zmalloc_backend zm_backend = {
    .min_request = ZM_LEAST_ALIGNED_REQUEST,
    .alignment = _Alignof(max_align_t),
    .malloc = tc_malloc,
    .zalloc = zm_tc_zalloc,
    .malloc_no_tcache = tc_malloc,
    .free_no_tcache = tc_free,
    .realloc = tc_realloc,
    .aligned_alloc = tc_memalign,
    .free_sized = zm_tc_free_sized,
    .block_size = tc_malloc_size,
    .usable_size = tc_malloc_size,
    .takes_null = true,
    .good_size = zm_tc_good_size,
    .info = zm_tc_info,
    .describe = zm_tc_describe,
};
