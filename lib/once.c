#include "once.h"

#include <sched.h>
#include <unistd.h>

#if ZM_HAVE_ATOMICS

ZM_COLD void zm_once_slow(struct zm_once *once, void (*run)(void))
{
    const int self = (int)getpid();
    int seen = atomic_load_explicit(&once->state, memory_order_acquire);
    while (seen != ZM_ONCE_DONE) {
        if (seen == self) {
            sched_yield();
            seen = atomic_load_explicit(&once->state, memory_order_acquire);
        } else if (atomic_compare_exchange_weak_explicit(
                       &once->state, &seen, self, memory_order_acquire, memory_order_acquire)) {
            run();
            atomic_store_explicit(&once->state, ZM_ONCE_DONE, memory_order_release);
            return;
        }
    }
}

#else

typedef int zm_once_is_pthread_once; /* ISO C wants something in each file */

#endif
