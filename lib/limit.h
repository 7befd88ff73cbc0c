/* The bounds of the total: hard limit, soft limit, peak. What a counter checks itself is here as
 * words; the rest runs in zm_look(), which comes seldom. */
#ifndef ZM_LIMIT_H
#define ZM_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"

#define ZM_NO_LIMIT SIZE_MAX

/* ZM_NO_LIMIT where none was set. */
extern ZM_ATOMIC(size_t) zm_hard_limit;

/* A counter is to look when the total, or its upper bound, goes above this. 0: at the next
 * addition. */
extern ZM_ATOMIC(size_t) zm_look_at;

/* The soft limit while it is armed, else SIZE_MAX; 0 until the next look. */
extern ZM_ATOMIC(size_t) zm_soft_at;

/* Adds up, raises the peak, passes or arms the soft limit, and sets the next look. May call the
 * program's function, which need not return. */
void zm_look(void);

/* Makes the next addition look, on whichever thread that takes more than its allowance. */
void zm_look_soon(void);

size_t zm_get_peak(void);

/* `seen` is what zm_get_peak() said before the total was counted: one that was reset meanwhile is
 * left alone. */
void zm_raise_peak(size_t seen, size_t total);

/* The total, which raises the peak: no total that was told is above it. */
size_t zm_total(void);

/* The largest request, plus one, for which the hard limit leaves the fast path open: SIZE_MAX
 * without a limit, 0 within 1/16 of it. A call that finds its block refused after the allocator
 * gave it does not know the request any more: see charge_slow. */
size_t zm_limit_fast_path(void);

/* In zmalloc.c: sets zm_fast_limit by what the hard limit, the fault rules and the allocator leave
 * open. */
void zm_update_fast_limit(void);

#endif
