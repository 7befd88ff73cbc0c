/* The bytes of a group, by atomics. An allocation adds twice on each level, and a free takes away
 * twice: see group.h. */
#include "../group.h"

#include <stdatomic.h>

static bool grant_one(zgroup *group, size_t n)
{
    size_t before = zm_load(&group->granted);
    do {
        size_t limit = zm_load(&group->limit);
        if (before > limit || n > limit - before)
            return false;
    } while (!zm_compare_exchange(&group->granted, &before, before + n));
    return true;
}

/* Of the levels below `end`. Release: who is granted it again adds to the figures later than this
 * took it out. The parent is read first: another thread may destroy a group as soon as it holds
 * nothing. */
static void give_back_below(zgroup *group, const zgroup *end, size_t n)
{
    while (group != end) {
        zgroup *parent = group->parent;
        atomic_fetch_sub_explicit(&group->granted, n, memory_order_release);
        group = parent;
    }
}

/* Looks first: what is refused on one level takes no room from others on the rest. */
bool zm_group_grant(zgroup *group, size_t n)
{
    if (!group || n == 0)
        return true;
    if (!zm_group_fits(group->parent, n))
        return false;
    for (zgroup *level = group; level; level = level->parent)
        if (!grant_one(level, n)) {
            give_back_below(group, level, n);
            return false;
        }
    return true;
}

void zm_group_grant_forced(zgroup *group, size_t n)
{
    for (; n != 0 && group; group = group->parent)
        atomic_fetch_add_explicit(&group->granted, n, memory_order_acquire);
}

void zm_group_give_back(zgroup *group, size_t n)
{
    if (n != 0)
        give_back_below(group, NULL, n);
}

void zm_group_use(zgroup *group, size_t n)
{
    for (; n != 0 && group; group = group->parent) {
        size_t resets = zm_count_resets(&group->peak);
        size_t used = atomic_fetch_add_explicit(&group->used, n, memory_order_relaxed) + n;
        zm_raise(&group->peak, resets, used);
    }
}

void zm_group_subtract(zgroup *group, size_t n)
{
    for (zgroup *level = group; n != 0 && level; level = level->parent)
        atomic_fetch_sub_explicit(&level->used, n, memory_order_relaxed);
    zm_group_give_back(group, n);
}
