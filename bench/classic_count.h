/* The one counter of the classic ways, on a cache line of its own. */
#ifndef BENCH_CLASSIC_COUNT_H
#define BENCH_CLASSIC_COUNT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "classic.h"

static _Alignas(64) atomic_size_t used;

static inline void add(size_t size)
{
    atomic_fetch_add_explicit(&used, size, memory_order_relaxed);
}

static inline void subtract(size_t size)
{
    atomic_fetch_sub_explicit(&used, size, memory_order_relaxed);
}

static inline void *or_abort(void *p)
{
    if (!p)
        abort();
    return p;
}

size_t classic_used_memory(void)
{
    return atomic_load_explicit(&used, memory_order_relaxed);
}

#endif
