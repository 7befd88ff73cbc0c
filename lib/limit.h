/* The bounds of the total: hard limit, soft limit, peak. What a counter checks itself is here as
 * words; the rest runs in zm_look(), which comes seldom. */
#ifndef ZM_LIMIT_H
#define ZM_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "peak.h"

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

/* Of the total. */
extern struct zm_peak zm_peak;

/* The total, which raises the peak: no total that was told is above it. */
size_t zm_total(void);

/* Draws up to `wanted` bytes, in place of `before`, from the 64th of the hard limit that all
 * allowances and the surplus of all rooms may keep from others. Returns how much it is; gives back
 * with 0. In the child of a fork it is said how much the threads that live have drawn. */
size_t zm_draw(size_t before, size_t wanted);
void zm_set_drawn(size_t all);

/* The largest request, plus one, for which the hard limit leaves the fast path open: SIZE_MAX
 * without a limit, 0 within 1/16 of it. A call that finds its block refused after the allocator
 * gave it does not know the request any more: see zm_charge_slow. */
size_t zm_limit_fast_path(void);

/* In fast_path.c: sets zm_fast_limit by what the hard limit, the fault rules and the allocator
 * leave open. */
void zm_update_fast_limit(void);

#endif
