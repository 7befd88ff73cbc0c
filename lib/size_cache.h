/* What is charged for a fresh small block, from a table instead of a question to the allocator.
 *
 * Works where a backend's good_size says that sizes are a function of the request. An entry is
 * filled the first time its size is asked for, from the block itself, and only if the block and
 * good_size agree: a debug build of an allocator, where they do not, is simply asked each time.
 * Filling on first use costs nothing at load and touches no size class the program never uses. */
#ifndef ZM_SIZE_CACHE_H
#define ZM_SIZE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "backend.h"
#include "compiler.h"

/* The largest request that the table knows. */
#define ZM_SIZE_CACHE_MAX 4096

/* Rounded as it is charged; entry i serves the sizeof(long) requests from min_request + i *
 * sizeof(long) on: sizes that differ by less than that are charged alike. 0 means not known (yet).
 */
extern ZM_ATOMIC(uint16_t) zm_size_cache[ZM_SIZE_CACHE_MAX / sizeof(long) + 1];

/* `block` is fresh from malloc or zalloc of the backend, which was asked for `request` or for
 * another of the same entry. The answer is the block's, and not rounded. */
size_t zm_size_cache_fill(void *block, size_t request);

#endif
