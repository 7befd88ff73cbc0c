/* pthread_once that survives a fork: with musl's, the child waits for ever if a thread of the
 * parent was in the middle of it. */
#ifndef ZM_ONCE_H
#define ZM_ONCE_H

#include "compiler.h"
#include "config.h"

/* Lets other threads go on for a moment, without being a cancellation point. Keeps errno. */
void zm_back_off(void);

#if ZM_HAVE_ATOMICS

#include <stdatomic.h>

/* 0; the number of the process whose thread runs it; ZM_ONCE_DONE. */
struct zm_once {
    atomic_int state;
};
#define ZM_ONCE_INIT                                                                               \
    {                                                                                              \
        0                                                                                          \
    }
#define ZM_ONCE_DONE (-1)

void zm_once_slow(struct zm_once *once, void (*run)(void));

/* Runs run() once, and returns when it has run, on this thread or another; what it wrote can be
 * read then. run() must bear being run again in a child whose parent forked in the middle. */
static inline void zm_once(struct zm_once *once, void (*run)(void))
{
    if (ZM_UNLIKELY(atomic_load_explicit(&once->state, memory_order_acquire) != ZM_ONCE_DONE))
        zm_once_slow(once, run);
}

#else

#include <pthread.h>

struct zm_once {
    pthread_once_t state;
};
#define ZM_ONCE_INIT                                                                               \
    {                                                                                              \
        PTHREAD_ONCE_INIT                                                                          \
    }

/* Without atomics: the C library's. */
static inline void zm_once(struct zm_once *once, void (*run)(void))
{
    pthread_once(&once->state, run);
}

#endif
#endif
