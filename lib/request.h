/* From the caller's sizes to those that a backend is asked for. */
#ifndef ZM_REQUEST_H
#define ZM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "backend.h"

/* With a backend over the process's malloc, requests are rounded up to a multiple of this power of
 * two: 1 if that malloc aligns every block, else the alignment; the alignment also before the
 * constructor has found out. */
extern ZM_ATOMIC(size_t) zm_request_multiple;

/* Whether the process's malloc aligns blocks of every size to the backend's alignment. */
bool zm_malloc_is_aligned(void);

/* What the backend is asked for when the caller wants n bytes: a size that it aligns for any
 * object. */
static inline size_t zm_request_size(size_t n)
{
    if (n < zm_backend.min_request)
        n = zm_backend.min_request;
    if (!zm_backend.is_process_malloc || n > PTRDIFF_MAX)
        return n;
    size_t step = zm_load(&zm_request_multiple);
    return (n + step - 1) & ~(step - 1);
}

/* num * n; SIZE_MAX, which always fails, if that overflows. */
static inline size_t zm_saturating_mul(size_t num, size_t n)
{
    return n != 0 && num > SIZE_MAX / n ? SIZE_MAX : num * n;
}

#endif
