/* The vtable that every backend fills: one `const struct zm_backend_vtable`, named zm_backend.
 *
 * A backend sees only the valid requests that each entry's comment names; lib/ sees to that. It
 * never counts, prints or aborts. On failure it returns NULL and leaves the old block as it was.
 *
 * Where an entry's signature is the allocator's own, fill in the allocator's own function: the call
 * is then a direct one. */
#ifndef ZM_BACKEND_H
#define ZM_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include "atomic.h"
#include "compiler.h"

/* The allocator's own figures, in bytes; ZM_UNKNOWN in a field that it does not tell. */
struct zm_allocator_info {
    size_t allocated; /* handed out and not yet freed */
    size_t active;    /* in pages that hold at least one block */
    size_t resident;  /* in pages that may be resident */
    size_t retained;  /* addresses kept, of pages given back to the system */
    size_t muzzy;     /* in free pages that the system may take back */
};
#define ZM_UNKNOWN ((size_t)-1)

/* min_request of jemalloc, tcmalloc and mimalloc, and of FreeBSD's malloc, which is a jemalloc:
 * they serve 1 to 8 bytes from an 8-byte class that is only 8-aligned, and asking for 9 selects the
 * 16-byte class. 1 where no object needs more than 8 (s390x). */
#define ZM_MIN_ALIGNED_REQUEST                                                                     \
    (_Alignof(max_align_t) > sizeof(long) ? _Alignof(max_align_t) / 2 + 1 : 1)

struct zm_backend_vtable {
    /* The least request that malloc aligns to `alignment`; 1 more than a multiple of sizeof(long),
     * so that the buckets of size_cache.h begin there. lib/ raises smaller requests to it, those
     * for 0 bytes among them. */
    size_t min_request;

    /* What malloc, zalloc and realloc align to, for requests of min_request bytes and more. */
    size_t alignment;

    /* Whether they call the process's malloc, which a preload or the program may replace. lib/
     * tests at load whether that one aligns so. If not, it makes every request a multiple of
     * `alignment`, which any malloc aligns. */
    bool is_process_malloc;

    /* Bytes of the hidden header before a block from malloc, zalloc and realloc; 0 for all backends
     * but libc-prefix. With a header a block's usable size is exactly the request. */
    size_t header;

    /* min_request <= n <= PTRDIFF_MAX; zalloc's block is all zero. */
    void *(*malloc)(size_t n);
    void *(*zalloc)(size_t n);

    /* malloc and free past the thread cache; the plain ones where the allocator has no such call.
     * p is a live block of this backend, never NULL. */
    void *(*malloc_no_tcache)(size_t n);
    void (*free_no_tcache)(void *p);

    /* p is a live block, n as for malloc. */
    void *(*realloc)(void *p, size_t n);

    /* align is a power of two above `alignment`; n as for malloc, and n + align <= PTRDIFF_MAX. */
    void *(*aligned_alloc)(size_t align, size_t n);

    /* Optional: the same, all zero. */
    void *(*aligned_zalloc)(size_t align, size_t n);

    /* p is a live block; size is what block_size(p) says. */
    void (*free_sized)(void *p, size_t size);

    /* What is charged for a live block, and the part of it that the caller may write: the same
     * where there is no header. The answer must not change while the block lives. */
    size_t (*block_size)(void *p);
    size_t (*usable_size)(void *p);

    /* Whether the call that zfree makes, free_sizing or else free_sized, leaves errno as it was, as
     * POSIX 2024 asks of free. Elsewhere lib/ puts it back. */
    bool keeps_errno;

    /* Whether block_size may change errno on a thread's first call. */
    bool query_costs_errno;

    /* Whether block_size is a multiple of sizeof(long), so that zfree need not round. */
    bool sizes_are_rounded;

    /* Optional. Frees a live block p and returns what block_size(p) said, a multiple of
     * sizeof(long): lib/ counts after it, and need not ask before. */
    size_t (*free_sizing)(void *p);

    /* Whether free_sizing would say something else of blocks from aligned_alloc: lib/ frees those
     * by free_sized. */
    bool misjudges_aligned;

    /* Whether the library that is loaded keeps to what zfree relies on: free_sizing, keeps_errno
     * and sizes_are_rounded. Asked at load; where it is false every block is freed by the slow
     * path, which queries it and keeps errno. NULL: true. */
    bool (*can_free_fast)(void);

    /* The backend to use in place of this one, and whether to: always the same answer, asked before
     * the first block that a caller gets. Requests are raised to this one's min_request. NULL where
     * none is needed. */
    const struct zm_backend_vtable *fallback;
    bool (*needs_fallback)(void);

    /* What block_size will say of a fresh block from malloc(n) or zalloc(n), any n; 0 where that is
     * not known, or not yet. NULL where it never is: lib/ asks each block. */
    size_t (*good_size)(size_t n);

    /* What block_size will most often say of a fresh block from malloc(n), where it is not a
     * function of the request; 0 where nobody can say. NULL: what good_size says. */
    size_t (*likely_size)(size_t n);

    /* The least request of which a block from aligned_alloc tells better than likely_size what one
     * from malloc is charged; 0 where none does. */
    size_t aligned_is_alike_from;

    /* What block_size will say at most of a fresh block from malloc(n), by pages or the like; 0
     * where that is not certain. NULL: what good_size says. */
    size_t (*most_size)(size_t n);

    /* NULL: block_size. For allocators that cannot always be queried; usable_size is 0 then. The
     * size of p, just returned by malloc(n) or zalloc(n), with align 1, or by aligned_alloc(align,
     * n). */
    size_t (*fresh_block_size)(void *p, size_t align, size_t n);

    /* Fills in the fields that the allocator tells; all of them are ZM_UNKNOWN before. */
    void (*info)(struct zm_allocator_info *info);

    /* Gives free pages back to the system, as far as the allocator can; nothing where it cannot. */
    void (*purge)(void);

    /* Optional. Hands its own report of itself to `write`, in one piece or more; returns 0, or -1
     * with errno. */
    int (*report)(void (*write)(void *context, const char *text), void *context);

    /* Optional: jemalloc's mallctl. */
    int (*control)(const char *name, void *old, size_t *old_size, void *new, size_t new_size);

    /* Writes name and version of the library that is loaded, NUL-terminated, cut to `len`. */
    void (*describe)(char *buf, size_t len);
};

extern const struct zm_backend_vtable zm_backend;

/* The backend in use, zm_backend or its fallback. The fast paths of zmalloc.c go by zm_backend, and
 * are closed where the fallback is in use; everything else goes by this. */
extern ZM_ATOMIC(const struct zm_backend_vtable *) zm_backend_in_use;
const struct zm_backend_vtable *zm_choose_backend(void);

static inline const struct zm_backend_vtable *zm_active(void)
{
    const struct zm_backend_vtable *chosen = zm_load_acquire(&zm_backend_in_use);
    return ZM_LIKELY(chosen) ? chosen : zm_choose_backend();
}

/* The entry fresh_block_size, of every backend. */
static inline size_t zm_fresh_block_size(void *p, size_t align, size_t n)
{
    const struct zm_backend_vtable *backend = zm_active();
    return backend->fresh_block_size ? backend->fresh_block_size(p, align, n)
                                     : backend->block_size(p);
}

#endif
