/* The count of bytes in use. Three counters, each a header and a file in counter/; -Daccounting=
 * chooses one by ZM_COUNTER_HEADER. Any thread may call any of their functions at any time, before
 * main and after exit handlers too. Sums are modulo SIZE_MAX + 1.
 *
 * In the header, inline:
 *   zm_try_add(delta)         adds to the total if that is quick and passes neither a limit nor
 *                             zm_look_at; false, and nothing done, if it is not, as it never is for
 *                             ZM_NEVER_QUICK
 *   zm_can_subtract()         whether the thread can subtract quickly: from its first call on
 *   zm_subtract_quickly(delta)  after that; else there is zm_subtract() */
#ifndef ZM_COUNTER_H
#define ZM_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "config.h"

/* More than any thread's allowance. */
#define ZM_NEVER_QUICK ((size_t)INT32_MAX)

#include ZM_COUNTER_HEADER

/* What became of an addition. After ZM_LOOK, which says that the total may have passed zm_look_at,
 * the caller calls zm_look() when it has nothing left to do but to return. */
enum zm_added { ZM_REFUSED, ZM_ADDED, ZM_LOOK };

/* Adds to the total, unless the hard limit is in the way. */
enum zm_added zm_add(size_t delta);

/* The same for what has happened already and cannot be refused. */
enum zm_added zm_add_forced(size_t delta);

void zm_subtract(size_t delta);

/* The total. Never below zero and never above the hard limit in force, whoever counts meanwhile. */
size_t zm_sum(void);

/* Takes room under the hard limit for an addition to come, which is not in the total yet; refused
 * if there is not so much. Never of 0 bytes. */
enum zm_added zm_reserve(size_t n);

/* Adds `delta`, of a room of `reserved`, and gives up the rest. Never refused. */
enum zm_added zm_add_reserved(size_t reserved, size_t delta);

/* To be called when a limit has changed: additions that begin later, on all threads, go by the hard
 * one, and the calling thread has no allowance left. */
void zm_limits_changed(void);

/* How exactly the counter can be watched; see next_look in limit.c. */
struct zm_margins {
    size_t upper; /* bound of the present total; grows with what is allocated until summed anew */
    size_t soft;  /* how far past the soft limit a look may come */
    size_t peak;  /* likewise for the peak */
    size_t disarmed; /* next look while the soft limit is disarmed */
};
void zm_get_margins(size_t total, struct zm_margins *margins);

/* What the calling thread's own counter allocated and freed so far; false if it has none. */
bool zm_get_thread_totals(size_t *allocated, size_t *freed);

static inline void zm_discharge(size_t delta)
{
    if (ZM_LIKELY(zm_can_subtract()))
        zm_subtract_quickly(delta);
    else
        zm_subtract(delta);
}

static inline size_t zm_round_to_long(size_t size)
{
    return (size + sizeof(long) - 1) & ~(sizeof(long) - 1);
}

#endif
