/* The bytes of a group, by atomics: one addition a level where nothing can be refused, and one less
 * when freeing. Within a limit room is taken first. */
#include "../group.h"

#include <stdatomic.h>

#include "compiler.h"

/* Release: who takes that room finds what was used of it in `used`. */
static ZM_ALWAYS_INLINE void give_back_one(zgroup *level, size_t n)
{
    atomic_fetch_sub_explicit(&level->room, n, memory_order_release);
}

static void give_back_below(zgroup *group, const zgroup *end, size_t n)
{
    for (; group != end; group = group->parent)
        give_back_one(group, n);
}

/* `used` is read again when the room is taken: whoever took room before has it in one of the two,
 * and who takes room later finds this one's. Between the two steps of zm_group_use it is in both.
 */
static bool grant_one(zgroup *level, size_t n)
{
    size_t room = zm_load(&level->room);
    do {
        if (!zm_level_fits(level, room, n))
            return false;
    } while (!zm_compare_exchange(&level->room, &room, room + n));
    if (zm_level_fits(level, room, n))
        return true;
    give_back_one(level, n);
    return false;
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

void zm_group_give_back(zgroup *group, size_t n)
{
    if (n != 0)
        give_back_below(group, NULL, n);
}

size_t zm_group_used(zgroup *group)
{
    size_t resets, used;
    do {
        resets = zm_count_resets(&group->peak);
        used = zm_load_seq_cst(&group->used);
    } while (!zm_raise(&group->peak, resets, used));
    return used;
}

/* The last step finds what another thread adds meanwhile. */
void zm_group_reset_peak(zgroup *group)
{
    zm_reset_peak(&group->peak, zm_load(&group->used));
    zm_group_used(group);
}

static ZM_ALWAYS_INLINE void add_one(zgroup *level, size_t n)
{
    size_t resets = zm_count_resets(&level->peak);
    size_t used = atomic_fetch_add_explicit(&level->used, n, memory_order_seq_cst) + n;
    if (ZM_UNLIKELY(!zm_raise(&level->peak, resets, used)))
        zm_group_used(level);
}

void zm_group_use(zgroup *group, size_t n)
{
    for (; n != 0 && group; group = group->parent) {
        add_one(group, n);
        give_back_one(group, n);
    }
}

void zm_group_add(zgroup *group, size_t n)
{
    for (; n != 0 && group; group = group->parent)
        add_one(group, n);
}

/* The parent is read first: another thread may destroy a group as soon as it holds nothing. Release
 * is for that thread. */
void zm_group_subtract(zgroup *group, size_t n)
{
    while (n != 0 && group) {
        zgroup *parent = group->parent;
        atomic_fetch_sub_explicit(&group->used, n, memory_order_release);
        group = parent;
    }
}

bool zm_group_is_empty(const zgroup *group)
{
    return zm_load_acquire(&group->used) == 0;
}
