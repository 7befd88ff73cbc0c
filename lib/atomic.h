/* Words that threads may race on. Where the compiler has atomics they are used, whatever the
 * accounting. Where it has none, which only the mutex accounting serves, these words are volatile:
 * on such machines an aligned word does not tear. */
#ifndef ZM_ATOMIC_H
#define ZM_ATOMIC_H

#include "config.h"

#if ZM_HAVE_ATOMICS

#include <stdatomic.h>
#define ZM_ATOMIC(type) _Atomic(type)
#define zm_load(object) atomic_load_explicit(object, memory_order_relaxed)
#define zm_store(object, value) atomic_store_explicit(object, value, memory_order_relaxed)

/* Counters, of size_t: none but these two may write to one. An increment gives what was there. */
#define zm_increment(counter) atomic_fetch_add_explicit(counter, 1, memory_order_relaxed)
#define zm_clear(counter) zm_store(counter, 0)

/* Gives what was there. */
#define zm_exchange(object, value) atomic_exchange_explicit(object, value, memory_order_acq_rel)

/* What was written before that can be read after this. */
#define zm_load_acquire(object) atomic_load_explicit(object, memory_order_acquire)

#else

#include <stddef.h>
#define ZM_ATOMIC(type) volatile __typeof__(type)
#define zm_load(object) (*(object))
#define zm_load_acquire(object) (*(object))
#define zm_store(object, value) ((void)(*(object) = (value)))

/* In counter/mutex.c: under the lock of the count. */
void zm_enter(void);
void zm_leave(void);
size_t zm_increment(volatile size_t *counter);
void zm_clear(volatile size_t *counter);
#define zm_exchange(object, value)                                                                 \
    __extension__({                                                                                \
        zm_enter();                                                                                \
        __typeof__(*(object)) zm_before = *(object);                                               \
        *(object) = (value);                                                                       \
        zm_leave();                                                                                \
        zm_before;                                                                                 \
    })

#endif
#endif
