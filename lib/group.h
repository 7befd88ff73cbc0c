/* Groups: the object, and the count of its bytes, on each level up to the first parent. */
#ifndef ZM_GROUP_H
#define ZM_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "atomic.h"
#include "limit.h"
#include "peak.h"
#include "zmalloc.h"

struct zgroup {
    /* As in counter/exact.h: `granted` has what `used` has, and at any moment what was granted and
     * is not in it yet. Limits are for `granted`, figures are `used`: what was refused on another
     * level, or turned out not to be needed, was never in it. */
    ZM_ATOMIC(size_t) granted, used;
    ZM_ATOMIC(size_t) limit; /* ZM_NO_LIMIT where there is none */
    struct zm_peak peak;     /* of `used` */

    zgroup *parent;
    zgroup *before, *after; /* in the list of group.c, under its lock, as are the children */
    size_t children;
    char name[];
};

/* ---- Counting: counter/group.c, and counter/group_mutex.c under the lock of the mutex counter
 *
 * On all levels. */

/* Takes room for n bytes within all limits; false, and none taken, where one refuses. */
bool zm_group_grant(zgroup *group, size_t n);

/* The same, whatever the limits are. */
void zm_group_grant_forced(zgroup *group, size_t n);

/* Gives up room. */
void zm_group_give_back(zgroup *group, size_t n);

/* Adds n bytes that were granted to the figures. */
void zm_group_use(zgroup *group, size_t n);

/* Takes n bytes out of the figures, and gives up their room. */
void zm_group_subtract(zgroup *group, size_t n);

#endif
