#include "counter/mutex.h"

#include <pthread.h>

#include "../atomic.h"
#include "compiler.h"
#include "config.h"
#include "counter.h"
#include "counter/exact.h"
#include "forks.h"
#include "limit.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t granted, used; /* see exact.h */

/* Set on the thread that forks while it holds the lock, so that the program's own fork handlers may
 * count. */
static _Thread_local bool forking ZM_TLS_MODEL;

static void before_fork(void)
{
    if (forking)
        return;
    pthread_mutex_lock(&lock);
    forking = true;
}

static void after_fork(void)
{
    if (!forking)
        return;
    forking = false;
    pthread_mutex_unlock(&lock);
}

/* Before it unlocks: threads that other handlers have started wait, whichever came first. */
static void after_fork_in_child(void)
{
    if (!forking)
        return;
    granted = used;
    zm_set_drawn(0);
    zm_settle_groups();
    after_fork();
}

/* Without the handlers a fork while another thread counts would leave the child a lock that nobody
 * will release. */
void zm_register_fork_handlers(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* Not inlined: gcc would load the total before it tests `forking`, and again under the lock, and
 * drd takes the first for a race. */
ZM_NOINLINE void zm_lock(void)
{
    if (forking)
        return;
    zm_watch_forks();
    pthread_mutex_lock(&lock);
}

void zm_unlock(void)
{
    if (!forking)
        pthread_mutex_unlock(&lock);
}

static bool fits(size_t n, size_t limit)
{
    return granted <= limit && n <= limit - granted;
}

/* Neither above the hard limit nor, quickly, the next look: as they are under the lock. */
static bool add_within(bool quickly, size_t to_granted, size_t to_used)
{
    zm_lock();
    size_t most = quickly ? zm_load(&zm_look_at) : ZM_NO_LIMIT;
    bool is_within = fits(to_granted, most) && fits(to_granted, zm_load(&zm_hard_limit));
    if (is_within) {
        granted += to_granted;
        used += to_used;
    }
    zm_unlock();
    return is_within;
}

static size_t add_always(size_t to_granted, size_t to_used)
{
    zm_lock();
    granted += to_granted;
    size_t sum = used += to_used;
    zm_unlock();
    return sum;
}

bool zm_try_add(size_t delta)
{
    return delta != ZM_NEVER_QUICK && add_within(true, delta, delta);
}

bool zm_grant(size_t n, bool forced)
{
    if (!forced)
        return add_within(false, n, 0);
    add_always(n, 0);
    return true;
}

void zm_give_back(size_t n)
{
    add_always(-n, 0);
}

size_t zm_use_granted(size_t n)
{
    return add_always(0, n);
}

void zm_subtract_quickly(size_t delta)
{
    add_always(-delta, -delta);
}

size_t zm_sum(void)
{
    return add_always(0, 0);
}

/* An addition that went by another limit has ended after this. */
void zm_limits_changed(void)
{
    zm_lock();
    zm_unlock();
}

#if !ZM_HAVE_ATOMICS

size_t zm_increment(volatile size_t *counter)
{
    zm_lock();
    size_t before = (*counter)++;
    zm_unlock();
    return before;
}

void zm_clear(volatile size_t *counter)
{
    zm_lock();
    *counter = 0;
    zm_unlock();
}

bool zm_compare_exchange(volatile size_t *object, size_t *expected, size_t value)
{
    zm_lock();
    size_t before = *object;
    bool is_as_expected = before == *expected;
    if (is_as_expected)
        *object = value;
    zm_unlock();
    *expected = before;
    return is_as_expected;
}

#endif
