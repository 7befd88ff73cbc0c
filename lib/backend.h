/* The vtable that every backend fills: one `const struct zmalloc_backend`, named zm_backend.
 *
 * A backend is dumb. It sees only requests that lib/zmalloc.c made valid, it never counts, prints
 * or aborts, and says that it failed by returning NULL, leaving the old block as it was.
 *
 * Where an entry's signature is the allocator's own, fill in the allocator's own function: the call
 * through this table then costs what the call through the linker's table would have. */
#ifndef ZM_BACKEND_H
#define ZM_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

/* What the allocator says of itself, in bytes; ZM_UNKNOWN in a field that it does not tell. */
struct zm_allocator_info {
    size_t allocated; /* handed out and not yet freed */
    size_t active;    /* in pages that hold at least one block */
    size_t resident;  /* in pages that may be resident */
    size_t retained;  /* addresses kept, of pages given back to the system */
    size_t muzzy;     /* in free pages that the system may take back */
};
#define ZM_UNKNOWN ((size_t)-1)

/* min_request of an allocator that has blocks of every power of two from sizeof(long) up and aligns
 * them to their size: those of half the alignment are what has to be passed over. Where a long is
 * aligned like any object (s390x) there are none, and a request for one byte may stay what it is.
 */
#define ZM_LEAST_ALIGNED_REQUEST                                                                   \
    (_Alignof(max_align_t) > sizeof(long) ? _Alignof(max_align_t) / 2 + 1 : 1)

struct zmalloc_backend {
    /* Least request from which malloc aligns a block to `alignment`; 1 more than a multiple of
     * sizeof(long). lib/ raises every request to it, which also settles requests for 0 bytes. */
    size_t min_request;

    /* What malloc, zalloc and realloc align to, for requests of min_request bytes and more. */
    size_t alignment;

    /* Whether they go by the process's malloc, which a preload or the program may bring: lib/ looks
     * at load whether it aligns so. If not, every request is a multiple of `alignment`. */
    bool is_process_malloc;

    /* Hidden bytes in front of a block from malloc, zalloc and realloc: 0 but for libc-prefix.
     * Where there are any, such a block's usable size is exactly what was asked for. */
    size_t header;

    /* min_request <= n <= PTRDIFF_MAX; zalloc's block is all zero. */
    void *(*malloc)(size_t n);
    void *(*zalloc)(size_t n);

    /* The two past the thread's cache; where there is no such call, malloc and free again.
     * p is a live block of this backend, never NULL. */
    void *(*malloc_no_tcache)(size_t n);
    void (*free_no_tcache)(void *p);

    /* p is a live block, n as for malloc. */
    void *(*realloc)(void *p, size_t n);

    /* align is a power of two above `alignment`; n as for malloc, and n + align <= PTRDIFF_MAX. */
    void *(*aligned_alloc)(size_t align, size_t n);

    /* p is a live block; size is what block_size(p) says. */
    void (*free_sized)(void *p, size_t size);

    /* What is charged for a live block, and the part of it that the caller may write. The same
     * function where there is no header. The answer must not change while the block lives. */
    size_t (*block_size)(void *p);
    size_t (*usable_size)(void *p);

    /* Whether block_size(NULL) is 0 and free_sized(NULL, 0) does nothing, which saves lib/ asking.
     */
    bool null_ok;

    /* What block_size will say of a fresh block from malloc(n) or zalloc(n), any n; 0 where that is
     * not known (yet). NULL where it never is: ask each block. */
    size_t (*good_size)(size_t n);

    /* block_size of p, fresh from malloc(n) or zalloc(n), where align is 1, or aligned_alloc(align,
     * n), for an allocator whose own query cannot always be made; usable_size tells 0 then. NULL:
     * block_size. */
    size_t (*fresh_block_size)(void *p, size_t align, size_t n);

    /* Fills in the fields that the allocator tells; all of them are ZM_UNKNOWN before. */
    void (*info)(struct zm_allocator_info *info);

    /* Writes name and version of the library that is loaded, NUL-terminated, cut to `len`. */
    void (*describe)(char *buf, size_t len);
};

extern const struct zmalloc_backend zm_backend;

/* As the entry, of every backend. */
static inline size_t zm_fresh_block_size(void *p, size_t align, size_t n)
{
    return zm_backend.fresh_block_size ? zm_backend.fresh_block_size(p, align, n)
                                       : zm_backend.block_size(p);
}

#endif
