/* What all threads of counter/thread.c share. */
#ifndef ZM_COUNTER_SHARED_H
#define ZM_COUNTER_SHARED_H

#include "slots.h"

/* The most that a thread may allocate before it looks, and that one alone may. At most one thread
 * holds that much. */
#define ZM_MOST_ALLOWANCE ((size_t)32 << 10)
#define ZM_MOST_ALONE ((size_t)64 << 10)

/* How often a sum is tried again because `granted` did not hold still. */
enum { ZM_READ_TRIES = 4 };

/* granted = the sum over all threads of allocated + left, + returned + rooms. It
 * only grows, and before anything of it is used. So with any sum of `freed` and `returned` taken
 * earlier,
 *
 *     total <= granted - that sum
 *
 * and `freed_seen` is the largest such sum so far. All are modulo SIZE_MAX + 1. */
struct zm_shared {
    _Alignas(ZM_CACHE_LINE) atomic_size_t granted;
    _Alignas(ZM_CACHE_LINE) atomic_size_t freed_seen;
    atomic_size_t returned; /* granted and given up: allowances of threads that ended */
    atomic_size_t live;     /* threads that have a slot */
    atomic_size_t sharers;  /* of those, the ones that may have an allowance */
    atomic_size_t rooms;    /* what zm_reserve took and zm_add_reserved has not yet */
};
extern struct zm_shared zm_shared;

static inline size_t zm_allocated_of(const struct zm_slot *slot)
{
    return atomic_load_explicit(&slot->allocated, memory_order_acquire);
}

static inline size_t zm_freed_of(const struct zm_slot *slot)
{
    return atomic_load_explicit(&slot->freed, memory_order_acquire);
}

static inline size_t zm_least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t zm_most_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* `freed_seen` comes first: of a later one `granted` might not yet have all. */
static inline size_t zm_upper_bound(void)
{
    size_t seen = atomic_load_explicit(&zm_shared.freed_seen, memory_order_acquire);
    return atomic_load_explicit(&zm_shared.granted, memory_order_acquire) - seen;
}

#endif
