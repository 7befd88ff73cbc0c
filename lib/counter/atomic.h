/* -Daccounting=atomic: one C11 atomic for all threads. Needs no thread-local storage. */
#ifndef ZM_COUNTER_ATOMIC_H
#define ZM_COUNTER_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

extern atomic_size_t zm_used;

static inline void zm_add(size_t delta)
{
    atomic_fetch_add_explicit(&zm_used, delta, memory_order_relaxed);
}

static inline bool zm_try_add(size_t delta)
{
    zm_add(delta);
    return true;
}

static inline bool zm_try_subtract(size_t delta)
{
    zm_add(-delta);
    return true;
}

static inline size_t zm_sum(void)
{
    return atomic_load_explicit(&zm_used, memory_order_relaxed);
}

#endif
