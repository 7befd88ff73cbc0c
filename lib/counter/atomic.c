#include "counter.h"
#include "counter/exact.h"
#include "limit.h"

atomic_size_t zm_used;

static bool is_refused(size_t before, size_t delta)
{
    size_t hard = zm_load(&zm_hard_limit);
    return hard != ZM_NO_LIMIT && (before > hard || delta > hard - before);
}

bool zm_change_total(size_t delta, bool forced, size_t *total)
{
    size_t before = atomic_load_explicit(&zm_used, memory_order_relaxed);
    do {
        if (!forced && is_refused(before, delta))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&zm_used, &before, before + delta,
                                                    memory_order_relaxed, memory_order_relaxed));
    *total = before + delta;
    return true;
}

size_t zm_sum(void)
{
    return atomic_load_explicit(&zm_used, memory_order_relaxed);
}

void zm_limits_changed(void)
{
}
