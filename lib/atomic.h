/* One-word loads, stores and increments that threads may race on. A compiler without <stdatomic.h>,
 * which only the mutex accounting serves, gets volatile: on such machines an aligned word does not
 * tear. */
#ifndef ZM_ATOMIC_H
#define ZM_ATOMIC_H

#ifndef __STDC_NO_ATOMICS__

#include <stdatomic.h>
#define ZM_ATOMIC(type) _Atomic(type)
#define zm_load(object) atomic_load_explicit(object, memory_order_relaxed)
#define zm_store(object, value) atomic_store_explicit(object, value, memory_order_relaxed)
#define zm_increment(object) atomic_fetch_add_explicit(object, 1, memory_order_relaxed)
#define zm_exchange(object, value) atomic_exchange_explicit(object, value, memory_order_relaxed)

#else

#define ZM_ATOMIC(type) volatile __typeof__(type)
#define zm_load(object) (*(object))
#define zm_store(object, value) ((void)(*(object) = (value)))
/* Here threads that race lose counts. */
#define zm_increment(object) ((*(object))++)

#endif
#endif
