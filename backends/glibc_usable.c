/* The process's malloc with malloc_usable_size: glibc, musl, FreeBSD. No header. A preload or the
 * program may have replaced the C library's malloc. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "atomic.h"
#include "backend.h"
#include "compiler.h"
#include "config.h"
#include "libc_module.h"
#include "libc_report.h"

#if ZM_HAVE_MALLOC_NP_H
#include <malloc_np.h>
#define ZM_QUERIED const void /* what its malloc_usable_size takes a pointer to */
#else
#include <malloc.h>
#define ZM_QUERIED void
#endif

static void *zm_libc_zalloc(size_t n)
{
    return calloc(1, n);
}

/* aligned_alloc may insist that n is a multiple of align; under a sanitizer it does. */
static void *zm_libc_aligned_alloc(size_t align, size_t n)
{
    void *p;
    return posix_memalign(&p, align, n) == 0 ? p : NULL;
}

static void zm_libc_free_sized(void *p, size_t size)
{
    (void)size;
    free(p);
}

static size_t zm_libc_usable_size(void *p)
{
    return malloc_usable_size(p);
}

/* Whether the query is not of the malloc that gives the blocks, or posix_memalign is not: a header
 * serves then. */
static bool zm_libc_needs_header(void)
{
    void *(*allocating)(size_t) = malloc;
    size_t (*querying)(ZM_QUERIED *) = malloc_usable_size;
    int (*aligning)(void **, size_t, size_t) = posix_memalign;
    const void *object = zm_libc_object_of("malloc", &allocating);
    return !zm_libc_are_same(object, zm_libc_object_of("malloc_usable_size", &querying))
           || !zm_libc_are_same(object, zm_libc_object_of("posix_memalign", &aligning));
}

/* Valgrind puts a malloc in the place of glibc's, whose blocks have the very size that was asked
 * for. */
static bool zm_libc_can_free_fast(void)
{
    if (!ZM_LIBC_SIZES_ARE_ROUNDED)
        return true;
    void *p = malloc(1);
    bool is_rounded = malloc_usable_size(p) % sizeof(long) == 0;
    free(p);
    return is_rounded && zm_libc_frees_as_built();
}

/* In backends/glibc_usable_header.c. */
extern const struct zm_backend_vtable zm_prefix_backend;

#if ZM_HAVE_MALLINFO2

/* glibc's figures say nothing of another malloc. */
static bool zm_libc_malloc_is_glibcs(void)
{
    void *(*allocating)(size_t) = malloc;
    struct mallinfo2 (*telling)(void) = mallinfo2;
    return zm_libc_are_same(zm_libc_object_of("malloc", &allocating),
                            zm_libc_object_of("mallinfo2", &telling));
}

/* A header, a rest that is too small for a block of its own and, where it is mapped alone, a page
 * more. Tunables may ask for huge pages, and another malloc may have any sizes. */
static size_t zm_libc_most_size(size_t n)
{
    enum { UNKNOWN, KNOWN, UNCERTAIN };
    static ZM_ATOMIC(int) state;
    if (ZM_UNLIKELY(zm_load(&state) == UNKNOWN))
        zm_store(&state,
                 zm_libc_malloc_is_glibcs() && !getenv("GLIBC_TUNABLES") ? KNOWN : UNCERTAIN);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return zm_load(&state) == KNOWN ? (n + 32 + page - 1) / page * page + page : 0;
}

/* A word in front, and chunks a multiple of their alignment, and of four words at least. What is
 * left over of a larger chunk is not in it; nor, from that size on, where one may be mapped alone,
 * of its last page. */
#define ZM_LIBC_LEAST_MAPPED 131072

static size_t zm_libc_likely_size(size_t n)
{
    const size_t step = 2 * sizeof(size_t);
    size_t chunk = (n + sizeof(size_t) + step - 1) / step * step;
    return (chunk > 2 * step ? chunk : 2 * step) - sizeof(size_t);
}

/* glibc 2.33. Sums all arenas. Of their pages it knows neither which hold a block nor which are
 * resident: `arena` counts free ones, and those that malloc_trim gave back. */
static void zm_libc_info(struct zm_allocator_info *info)
{
    if (!zm_libc_malloc_is_glibcs())
        return;
    struct mallinfo2 all = mallinfo2();
    info->allocated = all.uordblks + all.hblkhd;
}

#else

#define zm_libc_likely_size NULL
#define ZM_LIBC_LEAST_MAPPED 0

/* Nobody can promise anything. */
static size_t zm_libc_most_size(size_t n)
{
    (void)n;
    return 0;
}

static void zm_libc_info(struct zm_allocator_info *info)
{
    (void)info;
}

#endif

#if ZM_HAVE_MALLOC_TRIM

static void zm_libc_purge(void)
{
    malloc_trim(0);
}

#else

static void zm_libc_purge(void)
{
}

#endif

static void zm_libc_describe(char *buf, size_t len)
{
    snprintf(buf, len, "libc");
}

const struct zm_backend_vtable zm_backend = {
    .min_request = ZM_LIBC_MIN_REQUEST, /* set in backends/meson.build */
    .alignment = _Alignof(max_align_t),
    .is_process_malloc = true,
    .malloc = malloc,
    .zalloc = zm_libc_zalloc,
    .malloc_no_tcache = malloc,
    .free_no_tcache = free,
    .realloc = realloc,
    .aligned_alloc = zm_libc_aligned_alloc,
    .free_sized = zm_libc_free_sized,
    .block_size = zm_libc_usable_size,
    .usable_size = zm_libc_usable_size,
    .keeps_errno = ZM_LIBC_KEEPS_ERRNO,
    .sizes_are_rounded = ZM_LIBC_SIZES_ARE_ROUNDED,
    .can_free_fast = zm_libc_can_free_fast,
    .fallback = &zm_prefix_backend,
    .needs_fallback = zm_libc_needs_header,
    .likely_size = zm_libc_likely_size,
    .aligned_is_alike_from = ZM_LIBC_LEAST_MAPPED,
    .most_size = zm_libc_most_size,
    .info = zm_libc_info,
    .purge = zm_libc_purge,
    ZM_LIBC_REPORT,
    .describe = zm_libc_describe,
};
