#include "counter/mutex.h"

#include <pthread.h>

#include "../atomic.h"
#include "config.h"
#include "once.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zm_once once = ZM_ONCE_INIT;
static size_t used;

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

/* Without the handlers a fork while another thread counts would leave the child a lock that nobody
 * will release. They may be registered twice, if a fork comes in the middle of this. */
static void set_up(void)
{
    pthread_atfork(before_fork, after_fork, after_fork);
}

void zm_lock(void)
{
    if (forking)
        return;
    zm_once(&once, set_up);
    pthread_mutex_lock(&lock);
}

void zm_unlock(void)
{
    if (!forking)
        pthread_mutex_unlock(&lock);
}

/* Adds, and returns the sum. */
static size_t add_and_get(size_t delta)
{
    zm_lock();
    size_t sum = used += delta;
    zm_unlock();
    return sum;
}

void zm_add(size_t delta)
{
    add_and_get(delta);
}

bool zm_try_add(size_t delta)
{
    add_and_get(delta);
    return true;
}

bool zm_try_subtract(size_t delta)
{
    add_and_get(-delta);
    return true;
}

size_t zm_sum(void)
{
    return add_and_get(0);
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

#endif
