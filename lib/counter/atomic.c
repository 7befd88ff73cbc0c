#include "counter.h"
#include "limit.h"

atomic_size_t zm_used;

static bool is_refused(size_t before, size_t delta)
{
    size_t hard = zm_load(&zm_hard_limit);
    return hard != ZM_NO_LIMIT && (before > hard || delta > hard - before);
}

static enum zm_added add(size_t delta, bool forced, size_t *total)
{
    size_t before = atomic_load_explicit(&zm_used, memory_order_relaxed);
    do {
        if (!forced && is_refused(before, delta))
            return ZM_REFUSED;
    } while (!atomic_compare_exchange_weak_explicit(&zm_used, &before, before + delta,
                                                    memory_order_relaxed, memory_order_relaxed));
    *total = before + delta;
    zm_raise_peak(*total);
    return *total > zm_load(&zm_look_at) ? ZM_LOOK : ZM_ADDED;
}

enum zm_added zm_add(size_t delta, size_t *total)
{
    return add(delta, false, total);
}

enum zm_added zm_add_forced(size_t delta, size_t *total)
{
    return add(delta, true, total);
}

void zm_subtract(size_t delta)
{
    zm_try_subtract(delta);
}

size_t zm_sum(void)
{
    return atomic_load_explicit(&zm_used, memory_order_relaxed);
}

void zm_limits_changed(void)
{
}
