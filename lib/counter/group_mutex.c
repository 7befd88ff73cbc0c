/* The bytes of a group, under the lock of the mutex counter. */
#include "../group.h"

#include "counter/mutex.h"

static bool fits(const zgroup *group, size_t n)
{
    for (; group; group = group->parent) {
        size_t granted = zm_load(&group->granted), limit = zm_load(&group->limit);
        if (granted > limit || n > limit - granted)
            return false;
    }
    return true;
}

static void add(zgroup *group, size_t to_granted, size_t to_used)
{
    for (; group; group = group->parent) {
        size_t used = zm_load(&group->used) + to_used;
        zm_store(&group->granted, zm_load(&group->granted) + to_granted);
        zm_store(&group->used, used);
        if (used > zm_load(&group->peak.highest))
            zm_store(&group->peak.highest, used);
    }
}

static void add_locked(zgroup *group, size_t to_granted, size_t to_used)
{
    zm_lock();
    add(group, to_granted, to_used);
    zm_unlock();
}

bool zm_group_grant(zgroup *group, size_t n)
{
    zm_lock();
    bool is_granted = fits(group, n);
    if (is_granted)
        add(group, n, 0);
    zm_unlock();
    return is_granted;
}

void zm_group_grant_forced(zgroup *group, size_t n)
{
    add_locked(group, n, 0);
}

void zm_group_give_back(zgroup *group, size_t n)
{
    add_locked(group, -n, 0);
}

void zm_group_use(zgroup *group, size_t n)
{
    add_locked(group, 0, n);
}

void zm_group_subtract(zgroup *group, size_t n)
{
    add_locked(group, -n, -n);
}
