/* The bytes of a group, under the lock of the mutex counter. */
#include "../group.h"

#include "counter/mutex.h"

/* Under the lock to the end, or another thread could free something before the peak has it. */
static void add(zgroup *group, size_t to_room, size_t to_used)
{
    for (; group; group = group->parent) {
        size_t used = zm_load(&group->used) + to_used;
        zm_store(&group->room, zm_load(&group->room) + to_room);
        zm_store(&group->used, used);
        if (used > zm_load(&group->peak.highest))
            zm_store(&group->peak.highest, used);
    }
}

static void add_locked(zgroup *group, size_t to_room, size_t to_used)
{
    if (!group || (to_room == 0 && to_used == 0))
        return;
    zm_lock();
    add(group, to_room, to_used);
    zm_unlock();
}

bool zm_group_grant(zgroup *group, size_t n)
{
    if (!group || n == 0)
        return true;
    zm_lock();
    bool is_granted = zm_group_fits(group, n);
    if (is_granted)
        add(group, n, 0);
    zm_unlock();
    return is_granted;
}

void zm_group_give_back(zgroup *group, size_t n)
{
    add_locked(group, -n, 0);
}

void zm_group_use(zgroup *group, size_t n)
{
    add_locked(group, -n, n);
}

void zm_group_add(zgroup *group, size_t n)
{
    add_locked(group, 0, n);
}

void zm_group_subtract(zgroup *group, size_t n)
{
    add_locked(group, 0, -n);
}

size_t zm_group_used(zgroup *group)
{
    zm_lock();
    size_t used = zm_load(&group->used);
    zm_unlock();
    return used;
}

void zm_group_reset_peak(zgroup *group)
{
    zm_lock();
    zm_store(&group->peak.highest, zm_load(&group->used));
    zm_unlock();
}

/* Under the lock: add() reads the parent when it has written `used`. */
bool zm_group_is_empty(const zgroup *group)
{
    zm_lock();
    bool is_empty = zm_load(&group->used) == 0;
    zm_unlock();
    return is_empty;
}
