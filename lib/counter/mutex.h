/* -Daccounting=mutex: a counter under a lock, for compilers without atomics. */
#ifndef ZM_COUNTER_MUTEX_H
#define ZM_COUNTER_MUTEX_H

#include <stdbool.h>
#include <stddef.h>

/* The lock of the count; a fork takes it too. */
void zm_lock(void);
void zm_unlock(void);

bool zm_try_add(size_t delta);
void zm_subtract_quickly(size_t delta);

static inline bool zm_can_subtract(void)
{
    return true;
}

#endif
