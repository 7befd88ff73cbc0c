/* What is rare in the calls of zmalloc.c: requests that need more than one comparison, sizes that
 * the cache does not know, threads that have to look, and all that a hard limit asks for. */
#ifndef ZM_SLOW_PATH_H
#define ZM_SLOW_PATH_H

#include <stddef.h>

#include "backend.h"
#include "compiler.h"
#include "counter.h"
#include "group.h"

/* Which of the backend's calls a block comes from. */
enum zm_sort { ZM_PLAIN, ZM_ZEROED, ZM_NO_TCACHE };

static ZM_ALWAYS_INLINE void *zm_allocate_from(const struct zm_backend_vtable *backend,
                                               enum zm_sort sort, size_t n)
{
    switch (sort) {
    case ZM_ZEROED:
        return backend->zalloc(n);
    case ZM_NO_TCACHE:
        return backend->malloc_no_tcache(n);
    default:
        return backend->malloc(n);
    }
}

/* What a call does on failure: sets errno, calls the handler or not, and returns NULL. */
typedef void *zm_failure(size_t n);

/* For any n: too small for the backend, too large, larger than the size cache, near the hard limit,
 * to be failed by a fault rule, or to be sampled. */
void *zm_allocate_slow(enum zm_sort sort, size_t n, zm_failure *fail);

/* align is a power of two above the backend's alignment. */
void *zm_allocate_aligned(size_t align, size_t n, zm_failure *fail);

/* The same in a group, for any alignment that is a power of two. */
void *zm_allocate_in_group(zgroup *group, enum zm_sort sort, size_t align, size_t n,
                           zm_failure *fail);

/* What a block would be charged unsampled: by the request, or more where only a block can tell; and
 * by the sampled block, of which it may be that. */
size_t zm_most_charged_unsampled(size_t request);
size_t zm_charged_unsampled(void *block, size_t request, size_t most);

/* Charges a fresh block and returns it; frees it and fails where the hard limit refuses. That call
 * does not know any more what it was asked for, and tells the handler the size. Rare: within 1/16
 * of the limit the fast path is closed; only a thread already past that check gets here. */
ZM_COLD void *zm_charge_slow(void *block, size_t rounded_size, zm_failure *fail);

/* The same for a block whose size is not known yet. */
void *zm_charge_by_query(void *block, size_t request, zm_failure *fail);

/* For a thread that cannot subtract quickly. */
ZM_COLD void zm_release_slow(void *block, size_t size);

/* Frees any block, or NULL: asks for its size, and keeps errno. */
void zm_free_slow(void *block);

/* Frees a block that is not charged. */
void zm_free_uncounted(void *block);

/* zm_free_slow past the thread cache. */
void zm_free_no_tcache(void *block);

/* The end of a call that added: `block` is its result. */
void *zm_finish(void *block, enum zm_added added);

/* In resize.c. Resizes a live block, of a group or none, to a request of n bytes; charges what it
 * grew by, within the hard limit and those of the group. */
void *zm_reallocate(zgroup *group, void *block, size_t n, zm_failure *fail);

#endif
