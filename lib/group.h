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
    /* `used` is the figure: what was refused, on this level or another, or turned out not to be
     * needed, was never in it. `room` is what calls under way have taken within the limits and not
     * used yet. A limit is for both together. */
    ZM_ATOMIC(size_t) used, room;
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

/* Gives up room. */
void zm_group_give_back(zgroup *group, size_t n);

/* Adds n bytes to the figures, of the room that was taken for them. */
void zm_group_use(zgroup *group, size_t n);

/* The same without room, whatever the limits are. */
void zm_group_add(zgroup *group, size_t n);

void zm_group_subtract(zgroup *group, size_t n);

/* The figure, and what it was brought to by a reset: no figure that was told is above the peak. Of
 * one level, not NULL. */
size_t zm_group_used(zgroup *group);
void zm_group_reset_peak(zgroup *group);

/* Whether nothing is used. Then no thread that freed something touches the group any more. */
bool zm_group_is_empty(const zgroup *group);

/* ---- Limits ---- */

/* Whether the level has room for n bytes beside what is used and `room`. */
static inline bool zm_level_fits(const zgroup *level, size_t room, size_t n)
{
    size_t used = zm_load(&level->used), limit = zm_load(&level->limit);
    return used <= limit && room <= limit - used && n <= limit - used - room;
}

/* Whether each level has room for n bytes now. */
static inline bool zm_group_fits(const zgroup *group, size_t n)
{
    for (; group; group = group->parent)
        if (!zm_level_fits(group, zm_load(&group->room), n))
            return false;
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
