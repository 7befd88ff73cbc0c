/* What the counters have in common that know the total at every moment: atomic and mutex. */
#include "counter/exact.h"

#include "counter.h"
#include "limit.h"

static enum zm_added add(size_t delta, bool forced)
{
    size_t total, peak = zm_get_peak();
    if (!zm_change_total(delta, forced, &total))
        return ZM_REFUSED;
    zm_raise_peak(peak, total);
    return total > zm_load(&zm_look_at) ? ZM_LOOK : ZM_ADDED;
}

enum zm_added zm_add(size_t delta)
{
    return add(delta, false);
}

enum zm_added zm_add_forced(size_t delta)
{
    return add(delta, true);
}

void zm_subtract(size_t delta)
{
    zm_try_subtract(delta);
}

bool zm_reserve(size_t n)
{
    size_t total;
    return zm_change_total(n, false, &total);
}

enum zm_added zm_add_reserved(size_t reserved, size_t delta)
{
    size_t total;
    bool has_room = delta <= reserved || zm_change_total(delta - reserved, false, &total);
    if (!has_room)
        zm_subtract(reserved);
    else if (delta < reserved)
        zm_subtract(reserved - delta);
    return has_room ? add(0, true) : ZM_REFUSED;
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
