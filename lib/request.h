/* Requests, before a backend sees them. */
#ifndef ZM_REQUEST_H
#define ZM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "backend.h"

/* For a backend over the process's malloc: requests are rounded up to a multiple of this, a power
 * of two. 1 where that malloc aligns every block; until the constructor has looked, and for good
 * where it does not, the alignment. */
extern ZM_ATOMIC(size_t) zm_request_multiple;

/* Whether the process's malloc aligns blocks of every size to the backend's alignment: one that a
 * preload or the program brings need not. */
bool zm_malloc_is_aligned(void);

/* What the backend is asked for: a size of which it aligns blocks for any object. */
static inline size_t zm_request_size(size_t n)
{
    if (n < zm_backend.min_request)
        n = zm_backend.min_request;
    if (!zm_backend.is_process_malloc || n > PTRDIFF_MAX)
        return n;
    size_t step = zm_load(&zm_request_multiple);
    return (n + step - 1) & ~(step - 1);
}

/* num * n, or SIZE_MAX, which no backend is ever asked for, where that does not fit. */
static inline size_t zm_product(size_t num, size_t n)
{
    return n != 0 && num > SIZE_MAX / n ? SIZE_MAX : num * n;
}

#endif
