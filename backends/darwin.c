/* The C library's malloc on macOS, whose zones tell a block's size. No header, always
 * aligned to 16. */
#include <malloc/malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend.h"

static void *zero_alloc(size_t n)
{
    return calloc(1, n);
}

/* aligned_alloc came with macOS 10.15 and wants n to be a multiple of align; this one does not. */
static void *allocate_aligned(size_t align, size_t n)
{
    void *p;
    return posix_memalign(&p, align, n) == 0 ? p : NULL;
}

static void free_ignoring_size(void *p, size_t size)
{
    (void)size;
    free(p);
}

static size_t size_of(void *p)
{
    return malloc_size(p);
}

/* A NULL zone sums all zones. They do not tell what is resident. */
static int info(struct zm_allocator_info *info)
{
    malloc_statistics_t all;
    malloc_zone_statistics(NULL, &all);
    info->allocated = all.size_in_use;
    info->active = all.size_allocated;
    return 1;
}

static void describe(char *buf, size_t len)
{
    snprintf(buf, len, "libc");
}

const struct zmalloc_backend zm_backend = {
    .min_request = 1,
    .alignment = _Alignof(max_align_t),
    .malloc = malloc,
    .zalloc = zero_alloc,
    .malloc_no_tcache = malloc,
    .free_no_tcache = free,
    .realloc = realloc,
    .aligned_alloc = allocate_aligned,
    .free_sized = free_ignoring_size,
    .block_size = size_of,
    .usable_size = size_of,
    .takes_null = true,
    .info = info,
    .describe = describe,
};
