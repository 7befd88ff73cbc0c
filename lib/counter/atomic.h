/* -Daccounting=atomic: one C11 atomic for all threads. Needs no thread-local storage. */
#ifndef ZM_COUNTER_ATOMIC_H
#define ZM_COUNTER_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "limit.h"

extern atomic_size_t zm_used;

static inline bool zm_try_add(size_t delta)
{
    size_t before = atomic_load_explicit(&zm_used, memory_order_relaxed);
    do {
        size_t hard = zm_load(&zm_hard_limit), look_at = zm_load(&zm_look_at);
        size_t most = hard < look_at ? hard : look_at;
        if (before > most || delta > most - before)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&zm_used, &before, before + delta,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

static inline bool zm_try_subtract(size_t delta)
{
    atomic_fetch_sub_explicit(&zm_used, delta, memory_order_relaxed);
    return true;
}

#endif
