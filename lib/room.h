/* Room under the hard limit, and under those of a group, that a call takes before it asks the
 * allocator. */
#ifndef ZM_ROOM_H
#define ZM_ROOM_H

#include "counter.h"
#include "group.h"
#include "limit.h"

struct zm_room {
    zgroup *group; /* NULL: none */
    size_t size;
    size_t surplus; /* of it, what may turn out to be too much: zm_draw_surplus() */
    bool must_look; /* zm_reserve said so */
};

/* Takes n bytes more; false if they are not there. Each limit is looked at before room is taken:
 * what one of them refuses for good takes none from others. */
static inline bool zm_take_room(struct zm_room *room, size_t n)
{
    if (n == 0)
        return true;
    enum zm_added added = zm_group_fits(room->group, n) ? zm_reserve(n) : ZM_REFUSED;
    if (added == ZM_REFUSED)
        return false;
    if (zm_group_grant(room->group, n)) {
        room->size += n;
        room->must_look |= added == ZM_LOOK;
        return true;
    }
    if (zm_add_reserved(n, 0) == ZM_LOOK || added == ZM_LOOK)
        zm_look_soon();
    return false;
}

/* While the allocator is asked other threads miss the surplus: of all together at most 1/64 of the
 * limit; false if so much is not left of that. */
static inline bool zm_draw_surplus(struct zm_room *room, size_t n)
{
    room->surplus = zm_draw(0, n);
    if (room->surplus == n)
        return true;
    zm_draw(room->surplus, 0);
    room->surplus = 0;
    return false;
}

/* Adds n bytes and gives up the room. Refused if n is more than that and the rest is not there. */
static inline enum zm_added zm_use_room(struct zm_room *room, size_t n)
{
    bool is_there = n <= room->size || zm_take_room(room, n - room->size);
    size_t used = is_there ? n : 0;
    bool must_look = zm_add_reserved(room->size, used) == ZM_LOOK || room->must_look;
    zm_group_use(room->group, used);
    zm_group_give_back(room->group, room->size - used);
    if (room->surplus != 0)
        zm_draw(room->surplus, 0);
    *room = (struct zm_room){.group = room->group};
    if (is_there)
        return must_look ? ZM_LOOK : ZM_ADDED;
    if (must_look)
        zm_look_soon();
    return ZM_REFUSED;
}

/* Of a call that fails: the next addition looks in its place. */
static inline void zm_give_up_room(struct zm_room *room)
{
    if (zm_use_room(room, 0) == ZM_LOOK)
        zm_look_soon();
}

#endif
