/* Words that threads race on: relaxed atomics where the compiler has them, with every counter.
 * Where it has none, which needs the mutex counter, they are volatile: an aligned word does not
 * tear. */
#ifndef ZM_ATOMIC_H
#define ZM_ATOMIC_H

#include "config.h"

#if ZM_HAVE_ATOMICS

#include <stdatomic.h>
#define ZM_ATOMIC(type) _Atomic(type)
#define zm_load(object) atomic_load_explicit(object, memory_order_relaxed)
#define zm_store(object, value) atomic_store_explicit(object, value, memory_order_relaxed)

/* For counts of size_t. Returns the value before. What was written before can be read by who reads
 * the count with acquire. */
#define zm_increment(counter) atomic_fetch_add_explicit(counter, 1, memory_order_seq_cst)
#define zm_clear(counter) zm_store(counter, 0)

/* Returns the value before. */
#define zm_exchange(object, value) atomic_exchange_explicit(object, value, memory_order_seq_cst)

/* In one order with the two above: of two threads that each write one word by these and then read
 * the other's, one at least sees what the other wrote. */
#define zm_load_seq_cst(object) atomic_load_explicit(object, memory_order_seq_cst)

/* Pairs with zm_exchange: what was written before that can be read after this. */
#define zm_load_acquire(object) atomic_load_explicit(object, memory_order_acquire)
#define zm_store_release(object, value) atomic_store_explicit(object, value, memory_order_release)

/* For size_t. Returns whether *object was *expected, and is `value` now; else stores what it is. */
#define zm_compare_exchange(object, expected, value)                                               \
    atomic_compare_exchange_strong_explicit(object, expected, value, memory_order_acq_rel,         \
                                            memory_order_acquire)

#else

#include <stdbool.h>
#include <stddef.h>

#include "counter/mutex.h"
#define ZM_ATOMIC(type) volatile __typeof__(type)
#define zm_load(object) (*(object))
#define zm_load_acquire(object) (*(object))
#define zm_load_seq_cst(object) (*(object))
#define zm_store(object, value) ((void)(*(object) = (value)))
#define zm_store_release(object, value) zm_store(object, value)

/* In counter/mutex.c: under the lock of the count. */
size_t zm_increment(volatile size_t *counter);
void zm_clear(volatile size_t *counter);
bool zm_compare_exchange(volatile size_t *object, size_t *expected, size_t value);
#define zm_exchange(object, value)                                                                 \
    __extension__({                                                                                \
        __typeof__(*(object)) zm_next = (value); /* before the lock, which it may take itself */   \
        zm_lock();                                                                                 \
        __typeof__(*(object)) zm_before = *(object);                                               \
        *(object) = zm_next;                                                                       \
        zm_unlock();                                                                               \
        zm_before;                                                                                 \
    })

#endif
#endif
