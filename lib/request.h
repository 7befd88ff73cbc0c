/* Requests, before a backend sees them. */
#ifndef ZM_REQUEST_H
#define ZM_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "backend.h"

/* What the backend is asked for: at least the size from which it aligns blocks for any object. */
static inline size_t zm_raised(size_t n)
{
    return n < zm_backend.min_request ? zm_backend.min_request : n;
}

/* num * n, or SIZE_MAX, which no backend is ever asked for, where that does not fit. */
static inline size_t zm_product(size_t num, size_t n)
{
    return n != 0 && num > SIZE_MAX / n ? SIZE_MAX : num * n;
}

#endif
