/* What is rare in the calls of zmalloc.c: requests that need more than one comparison, sizes that
 * the cache does not know, threads that have to look, and all that a hard limit asks for. */
#ifndef ZM_SLOW_PATH_H
#define ZM_SLOW_PATH_H

#include <stddef.h>

#include "compiler.h"
#include "counter.h"

typedef void *zm_allocate_function(size_t n);

/* What a call does on failure: sets errno, calls the handler or not, and returns NULL. */
typedef void *zm_failure(size_t n);

/* For any n: too small for the backend, too large, larger than the size cache, near the hard limit,
 * or to be failed by a fault rule. */
void *zm_allocate_slow(zm_allocate_function *allocate_block, size_t n, zm_failure *fail);

/* align is a power of two above the backend's alignment. */
void *zm_allocate_aligned(size_t align, size_t n, zm_failure *fail);

/* Charges a fresh block and returns it; frees it and fails where the hard limit refuses. That call
 * does not know any more what it was asked for, and tells the handler the size. Rare: within 1/16
 * of the limit the fast path is closed; only a thread already past that check gets here. */
ZM_COLD void *zm_charge_slow(void *block, size_t rounded_size, zm_failure *fail);

/* The same for a block whose size is not known yet. */
void *zm_charge_by_query(void *block, size_t request, zm_failure *fail);

ZM_COLD void zm_release_slow(void *block, size_t size);

/* The end of a call that added: `block` is its result. */
void *zm_finish(void *block, enum zm_added added);

/* In resize.c. Resizes a live block to a request of n bytes; charges what it grew by, within the
 * hard limit. */
void *zm_reallocate(void *block, size_t n, zm_failure *fail);

#endif
