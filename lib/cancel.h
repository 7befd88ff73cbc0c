/* Holds back thread cancellation. Opening, reading and closing files are cancellation points (POSIX
 * 2017, XSH 2.9.5), and what an allocator does to answer may be: a thread that ended there would
 * leave a descriptor open or a lock held. */
#ifndef ZM_CANCEL_H
#define ZM_CANCEL_H

#include "config.h"

#if ZM_HAVE_PTHREAD_SETCANCELSTATE

#include <pthread.h>

/* Returns the state for zm_cancel_restore. A request that comes meanwhile stays pending. */
static inline int zm_cancel_off(void)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static inline void zm_cancel_restore(int before)
{
    int off;
    pthread_setcancelstate(before, &off);
}

#else

/* Android: no thread can be cancelled. */
static inline int zm_cancel_off(void)
{
    return 0;
}

static inline void zm_cancel_restore(int before)
{
    (void)before;
}

#endif
#endif
