/* The C library's malloc on macOS, whose zones tell a block's size. No header, always
 * aligned to 16. */
#include <malloc/malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend.h"

static void *zm_darwin_zalloc(size_t n)
{
    return calloc(1, n);
}

/* aligned_alloc came with macOS 10.15 and wants n to be a multiple of align; this one does not. */
static void *zm_darwin_aligned_alloc(size_t align, size_t n)
{
    void *p;
    return posix_memalign(&p, align, n) == 0 ? p : NULL;
}

static void zm_darwin_free_sized(void *p, size_t size)
{
    (void)size;
    free(p);
}

static size_t zm_darwin_usable_size(void *p)
{
    return malloc_size(p);
}

/* A NULL zone sums all zones. What they reserved is neither in use nor resident. */
static void zm_darwin_info(struct zm_allocator_info *info)
{
    malloc_statistics_t all;
    malloc_zone_statistics(NULL, &all);
    info->allocated = all.size_in_use;
}

/* All zones, and as much as they can. */
static void zm_darwin_purge(void)
{
    malloc_zone_pressure_relief(NULL, 0);
}

static int zm_darwin_report(void (*write)(void *context, const char *text), void *context)
{
    char text[160];
    malloc_statistics_t all;
    malloc_zone_statistics(NULL, &all);
    snprintf(text, sizeof text,
             "All zones: %u blocks of %zu bytes in use, %zu bytes at most, %zu bytes reserved\n",
             all.blocks_in_use, all.size_in_use, all.max_size_in_use, all.size_allocated);
    write(context, text);
    return 0;
}

static void zm_darwin_describe(char *buf, size_t len)
{
    snprintf(buf, len, "libc");
}

const struct zm_backend_vtable zm_backend = {
    .min_request = 1,
    .alignment = _Alignof(max_align_t),
    .is_process_malloc = true,
    .malloc = malloc,
    .zalloc = zm_darwin_zalloc,
    .malloc_no_tcache = malloc,
    .free_no_tcache = free,
    .realloc = realloc,
    .aligned_alloc = zm_darwin_aligned_alloc,
    .free_sized = zm_darwin_free_sized,
    .block_size = zm_darwin_usable_size,
    .usable_size = zm_darwin_usable_size,
    .info = zm_darwin_info,
    .purge = zm_darwin_purge,
    .report = zm_darwin_report,
    .describe = zm_darwin_describe,
};
