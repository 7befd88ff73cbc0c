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
 * On all levels; nothing for NULL. */

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

/* ---- Limits ---- */

/* Whether each level has room for n bytes now. */
static inline bool zm_group_fits(const zgroup *group, size_t n)
{
    for (; group; group = group->parent) {
        size_t granted = zm_load(&group->granted), limit = zm_load(&group->limit);
        if (granted > limit || n > limit - granted)
            return false;
    }
    return true;
}

/* The least limit of all levels, ZM_NO_LIMIT where there is none. */
static inline size_t zm_group_limit(const zgroup *group)
{
    size_t least = ZM_NO_LIMIT;
    for (; group; group = group->parent) {
        size_t limit = zm_load(&group->limit);
        least = limit < least ? limit : least;
    }
    return least;
}

#endif
