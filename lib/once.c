#include "once.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "cancel.h"

/* Sleeps, as sched_yield would not let a thread of lower real-time priority run. */
void zm_back_off(void)
{
    int cancel_before = zm_cancel_off(), saved_errno = errno;
    nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    errno = saved_errno;
    zm_cancel_restore(cancel_before);
}

#if ZM_HAVE_ATOMICS

ZM_COLD void zm_once_slow(struct zm_once *once, void (*run)(void))
{
    const int self = (int)getpid();
    int seen = atomic_load_explicit(&once->state, memory_order_acquire);
    while (seen != ZM_ONCE_DONE) {
        if (seen == self) {
            zm_back_off();
            seen = atomic_load_explicit(&once->state, memory_order_acquire);
        } else if (atomic_compare_exchange_weak_explicit(
                       &once->state, &seen, self, memory_order_acquire, memory_order_acquire)) {
            run();
            atomic_store_explicit(&once->state, ZM_ONCE_DONE, memory_order_release);
            return;
        }
    }
}

#endif
