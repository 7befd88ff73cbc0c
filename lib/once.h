/* pthread_once for a process that forks: musl's leaves the child of a fork waiting where a thread
 * of the parent was in the middle of it. */
#ifndef ZM_ONCE_H
#define ZM_ONCE_H

#include "compiler.h"
#include "config.h"

#if ZM_HAVE_ATOMICS

#include <stdatomic.h>

/* 0 at first; then the process whose thread is at it; then ZM_ONCE_DONE. */
struct zm_once {
    atomic_int state;
};
#define ZM_ONCE_INIT                                                                               \
    {                                                                                              \
        0                                                                                          \
    }
#define ZM_ONCE_DONE (-1)

void zm_once_slow(struct zm_once *once, void (*run)(void));

/* Runs run() in the first call; returns when it has been run, by this thread or another. What it
 * wrote can be read then. A child whose parent forked in the middle runs it again: it must bear
 * that. */
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

/* The same as far as the C library goes: on musl such a child waits for ever. */
static inline void zm_once(struct zm_once *once, void (*run)(void))
{
    pthread_once(&once->state, run);
}

#endif
#endif
