/* Included ahead of each file of a library that counts under a lock: takes the lock away, for the
 * tools that are to find the race. */
#include <pthread.h>

static inline int no_lock(pthread_mutex_t *lock)
{
    (void)lock;
    return 0;
}

#define pthread_mutex_lock no_lock
#define pthread_mutex_unlock no_lock
