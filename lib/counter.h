/* The count of bytes in use. Three counters, each a header and a file in counter/; -Daccounting=
 * chooses one by ZM_COUNTER_HEADER.
 *
 * Each has four functions, which any thread may call at any time, before main and after exit
 * handlers too. Sums are modulo SIZE_MAX + 1.
 *   zm_add(delta)             adds to the total
 *   zm_try_add(delta)         the same if that is quick; false, and nothing done, if it is not
 *   zm_try_subtract(delta)    likewise
 *   zm_sum()                  the total so far; never "below zero", whoever counts meanwhile */
#ifndef ZM_COUNTER_H
#define ZM_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include ZM_COUNTER_HEADER

static inline size_t zm_round_to_long(size_t size)
{
    return (size + sizeof(long) - 1) & ~(sizeof(long) - 1);
}

static inline void zm_charge(size_t size)
{
    zm_add(zm_round_to_long(size));
}

static inline void zm_discharge(size_t size)
{
    zm_add(-zm_round_to_long(size));
}

/* For a resized block: its size before and now. */
static inline void zm_adjust_charge(size_t before, size_t now)
{
    zm_add(zm_round_to_long(now) - zm_round_to_long(before));
}

static inline size_t zm_total(void)
{
    return zm_sum();
}

#endif
