/* -Daccounting=atomic: C11 atomics for all threads. Needs no thread-local storage. */
#ifndef ZM_COUNTER_ATOMIC_H
#define ZM_COUNTER_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "limit.h"
#include "tracepoint.h"

/* See exact.h. Granted first and given back last, so that the total is never above. */
extern atomic_size_t zm_granted, zm_used;

static inline bool zm_grant_within(size_t most, size_t n)
{
    size_t before = atomic_load_explicit(&zm_granted, memory_order_relaxed);
    do {
        size_t hard = zm_load(&zm_hard_limit);
        most = hard < most ? hard : most;
        if (before > most || n > most - before)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&zm_granted, &before, before + n,
                                                    memory_order_acquire, memory_order_relaxed));
    return true;
}

/* Looks again: a reset of the peak that comes in between wants to know, see peak.h. */
static inline bool zm_try_add(size_t delta)
{
    if (delta == ZM_NEVER_QUICK || zm_is_traced() || !zm_grant_within(zm_load(&zm_look_at), delta))
        return false;
    size_t used = atomic_fetch_add_explicit(&zm_used, delta, memory_order_seq_cst) + delta;
    if (ZM_UNLIKELY(used > zm_load_seq_cst(&zm_look_at)))
        zm_total();
    return true;
}

static inline bool zm_can_subtract(void)
{
    return true;
}

/* Release: who is granted it again adds to the total later than this took it out. */
static inline void zm_subtract_quickly(size_t delta)
{
    atomic_fetch_sub_explicit(&zm_used, delta, memory_order_relaxed);
    atomic_fetch_sub_explicit(&zm_granted, delta, memory_order_release);
}

#endif
