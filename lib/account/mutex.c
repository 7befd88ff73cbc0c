#include "account/mutex.h"

#include <pthread.h>

#include "compiler.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t used;

static void acquire(void)
{
    pthread_mutex_lock(&lock);
}

static void release(void)
{
    pthread_mutex_unlock(&lock);
}

/* A fork while another thread counts would leave the child a lock that nobody holds. */
ZM_CONSTRUCTOR static void set_up(void)
{
    pthread_atfork(acquire, release, release);
}

void zm_add(size_t delta)
{
    acquire();
    used += delta;
    release();
}

bool zm_try_add(size_t delta)
{
    zm_add(delta);
    return true;
}

bool zm_try_subtract(size_t delta)
{
    zm_add(-delta);
    return true;
}

size_t zm_sum(void)
{
    acquire();
    size_t sum = used;
    release();
    return sum;
}
