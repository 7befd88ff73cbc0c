/* What counter/atomic.c and counter/mutex.c do for counter/exact.c. Both keep two words: the total,
 * and `granted`, which is at no moment less: it has what was granted and is not in the total yet.
 * The limits are for `granted`. So the total has neither room that is not used nor what was
 * refused, and the child of a fork, where nothing is under way yet, sets `granted` to the total. */
#ifndef ZM_COUNTER_EXACT_H
#define ZM_COUNTER_EXACT_H

#include <stdbool.h>
#include <stddef.h>

/* Adds to `granted`, if forced in spite of the hard limit; false if that refuses. */
bool zm_grant(size_t n, bool forced);

/* Takes n bytes out of `granted`. */
void zm_give_back(size_t n);

/* Adds to the total what was granted. Returns what that is then. */
size_t zm_use_granted(size_t n);

#endif
