/* What the counters have in common that know the total at every moment: atomic and mutex. */
#include "counter/exact.h"

#include "counter.h"
#include "limit.h"

static enum zm_added use(size_t n)
{
    size_t resets = zm_count_resets(&zm_peak), total = zm_use_granted(n);
    if (!zm_raise(&zm_peak, resets, total))
        zm_total();
    return total > zm_load(&zm_look_at) ? ZM_LOOK : ZM_ADDED;
}

enum zm_added zm_add(size_t delta)
{
    return zm_grant(delta, false) ? use(delta) : ZM_REFUSED;
}

enum zm_added zm_add_forced(size_t delta)
{
    zm_grant(delta, true);
    return use(delta);
}

void zm_subtract(size_t delta)
{
    zm_subtract_quickly(delta);
}

enum zm_added zm_reserve(size_t n)
{
    return zm_grant(n, false) ? ZM_ADDED : ZM_REFUSED;
}

enum zm_added zm_add_reserved(size_t reserved, size_t delta)
{
    enum zm_added added = use(delta);
    if (delta < reserved)
        zm_give_back(reserved - delta);
    return added;
}

/* A look can come at every addition, and while something waits for the total to fall it must. */
void zm_get_margins(size_t total, struct zm_margins *margins)
{
    *margins = (struct zm_margins){.upper = total};
}

bool zm_get_thread_totals(size_t *allocated, size_t *freed)
{
    (void)allocated;
    (void)freed;
    return false;
}
