/* What counter/atomic.c and counter/mutex.c do for counter/exact.c. */
#ifndef ZM_COUNTER_EXACT_H
#define ZM_COUNTER_EXACT_H

#include <stdbool.h>
#include <stddef.h>

/* Adds to the total, within the hard limit unless forced, and stores what it is then. */
bool zm_change_total(size_t delta, bool forced, size_t *total);

#endif
