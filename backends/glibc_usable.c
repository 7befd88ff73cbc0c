/* The C library's malloc, where it can tell a block's size: glibc, musl, FreeBSD. No header. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend.h"
#include "config.h"

#if ZM_HAVE_MALLOC_NP_H
#include <malloc_np.h>
#else
#include <malloc.h>
#endif

static void *zero_alloc(size_t n)
{
    return calloc(1, n);
}

/* aligned_alloc may insist that n is a multiple of align; under a sanitizer it does. */
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

/* FreeBSD's takes a pointer to const. */
static size_t size_of(void *p)
{
    return malloc_usable_size(p);
}

#if ZM_HAVE_MALLINFO2

/* glibc 2.33. Sums all arenas; it does not know which of their pages are resident. */
static int info(struct zm_allocator_info *info)
{
    struct mallinfo2 all = mallinfo2();
    info->allocated = all.uordblks + all.hblkhd;
    info->active = all.arena + all.hblkhd;
    return 1;
}

#else

static int info(struct zm_allocator_info *info)
{
    (void)info;
    return 0;
}

#endif

static void describe(char *buf, size_t len)
{
    snprintf(buf, len, "libc");
}

const struct zmalloc_backend zm_backend = {
    .min_request = ZM_LIBC_MIN_REQUEST,
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
