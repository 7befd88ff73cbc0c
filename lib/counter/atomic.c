#include "counter.h"

#include <pthread.h>

#include "counter/exact.h"
#include "forks.h"
#include "limit.h"

atomic_size_t zm_granted, zm_used;

/* Late, other threads may count already: so much room is lost to the child. */
static void settle_in_child(void)
{
    if (!zm_forks_are_watched_early())
        return;
    atomic_store_explicit(&zm_granted, zm_sum(), memory_order_relaxed);
    zm_set_drawn(0);
    zm_settle_groups();
}

void zm_register_fork_handlers(void)
{
    pthread_atfork(NULL, NULL, settle_in_child);
}

/* The first addition of a process comes here, as zm_look_at is 0. */
bool zm_grant(size_t n, bool forced)
{
    zm_watch_forks();
    if (!forced)
        return zm_grant_within(ZM_NO_LIMIT, n);
    atomic_fetch_add_explicit(&zm_granted, n, memory_order_acquire);
    return true;
}

void zm_give_back(size_t n)
{
    atomic_fetch_sub_explicit(&zm_granted, n, memory_order_release);
}

size_t zm_use_granted(size_t n)
{
    return atomic_fetch_add_explicit(&zm_used, n, memory_order_seq_cst) + n; /* see peak.h */
}

size_t zm_sum(void)
{
    return atomic_load_explicit(&zm_used, memory_order_seq_cst);
}

void zm_limits_changed(void)
{
}
