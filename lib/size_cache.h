/* The charge of a fresh small block, from a table instead of a query to the allocator.
 *
 * For backends whose good_size says that sizes are a function of the request. An entry is filled on
 * first use, from the block itself, and only if the block and good_size agree: in a debug build of
 * an allocator, where they do not, each block is queried. Filling on first use costs nothing at
 * load and touches no size class that the program never uses. */
#ifndef ZM_SIZE_CACHE_H
#define ZM_SIZE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "backend.h"
#include "compiler.h"
#include "counter.h"

/* The largest request that the table knows. */
#define ZM_SIZE_CACHE_MAX 4096

/* Entry i is the charge of requests from min_request + i * sizeof(long) on, a bucket sizeof(long)
 * wide: all of them round to the same charge, so one entry serves them. ZM_NEVER_QUICK: not known
 * yet; zm_try_add refuses that, so that one comparison is for both. */
extern ZM_ATOMIC(uint32_t) zm_size_cache[ZM_SIZE_CACHE_MAX / sizeof(long) + 1];

/* No size is known yet. Before the fast path of allocating is opened; 0 until then. */
void zm_size_cache_clear(void);

/* The charge of requests in that bucket; 0 if it is not known. */
static inline size_t zm_size_cache_at(size_t entry)
{
    size_t charge = zm_load(&zm_size_cache[entry]);
    return charge == ZM_NEVER_QUICK ? 0 : charge;
}

/* Returns the size of `block`, not rounded, and stores its charge if good_size agrees. The block
 * must be new from the backend's malloc or zalloc, for a request in the bucket of `request`. */
size_t zm_size_cache_fill(void *block, size_t request);

/* The same where the charge is not known yet; else that. */
size_t zm_size_cache_look_up(void *block, size_t request);

/* What a fresh block for a request will most likely be charged; where nobody can say, the request.
 */
size_t zm_size_cache_guess(size_t request);

/* The size of a fresh block for a request, of any size, of which one block that was tried shows
 * that the allocator keeps to it; 0 where there is none. */
size_t zm_predict_size(size_t request);

#endif
