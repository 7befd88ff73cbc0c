/* What the counters have in common that know the total at every moment: atomic and mutex. */
#include "counter.h"
#include "limit.h"

bool zm_reserve(size_t n)
{
    size_t total = zm_sum(), hard = zm_load(&zm_hard_limit);
    return hard == ZM_NO_LIMIT || (total <= hard && n <= hard - total);
}

enum zm_added zm_add_reserved(size_t reserved, size_t delta, size_t *total)
{
    (void)reserved;
    return delta ? zm_add(delta, total) : ZM_ADDED;
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
