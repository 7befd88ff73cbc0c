/* Blocks of groups. Each is one of the ordinary ztry calls, which does all that they do, and a
 * charge beside it. */
#include <errno.h>
#include <string.h>

#include "backend.h"
#include "counter.h"
#include "group.h"
#include "oom.h"
#include "request.h"
#include "slow_path.h"

/* ---- Memory from elsewhere ---- */

/* The process is asked in between, so that whoever refuses, no figure had it. */
int zgroup_charge(zgroup *group, size_t n)
{
    if (n > PTRDIFF_MAX || !zm_group_grant(group, n)) {
        errno = ENOMEM;
        return -1;
    }
    enum zm_added added = zm_add(n);
    if (added == ZM_REFUSED) {
        zm_group_give_back(group, n);
        errno = ENOMEM;
        return -1;
    }
    zm_group_use(group, n);
    if (added == ZM_LOOK)
        zm_look();
    return 0;
}

void zgroup_discharge(zgroup *group, size_t n)
{
    zm_group_subtract(group, n);
    zm_discharge(n);
}

/* ---- Fresh blocks ---- */

/* Not asked of the allocator for nothing: what is certainly too much. */
static bool may_fit(const zgroup *group, size_t n)
{
    for (; group; group = group->parent) {
        size_t granted = zm_load(&group->granted), limit = zm_load(&group->limit);
        if (granted > limit || n > limit - granted)
            return false;
    }
    return true;
}

static void *charge_block(zgroup *group, void *block, size_t align, size_t n)
{
    if (!block || !group)
        return block;
    size_t size = zm_round_to_long(zm_fresh_block_size(block, align, zm_request_size(n)));
    if (!zm_group_grant(group, size)) {
        zfree(block);
        return zm_no_memory();
    }
    zm_group_use(group, size);
    return block;
}

void *zgroup_malloc(zgroup *group, size_t n)
{
    return may_fit(group, n) ? charge_block(group, ztrymalloc(n), 1, n) : zm_no_memory();
}

void *zgroup_calloc(zgroup *group, size_t num, size_t n)
{
    size_t all = zm_saturating_mul(num, n);
    return may_fit(group, all) ? charge_block(group, ztrycalloc(all), 1, all) : zm_no_memory();
}

/* A bad alignment is told by the ordinary call. */
void *zgroup_aligned_alloc(zgroup *group, size_t align, size_t n)
{
    if (!may_fit(group, n) && align != 0 && (align & (align - 1)) == 0)
        return zm_no_memory();
    return charge_block(group, ztryaligned_alloc(align, n), align, n);
}

/* ---- Freeing ---- */

void zgroup_free(zgroup *group, void *block)
{
    if (!block)
        return;
    int saved_errno = errno;
    size_t size = zm_active()->block_size(block);
    zm_group_subtract(group, zm_round_to_long(size));
    errno = saved_errno;
    zfree_with_size(block, size);
}

/* ---- Resizing ----
 *
 * Room is taken for the most that the block may become before the allocator is asked. */

static size_t charge_of(void *block)
{
    return zm_round_to_long(zm_active()->block_size(block));
}

static size_t excess(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

/* A block that was charged `before` is charged `after`, of which `room` is granted. */
static void settle(zgroup *group, size_t before, size_t after, size_t room)
{
    size_t growth = excess(after, before);
    zm_group_grant_forced(group, excess(growth, room));
    zm_group_use(group, growth);
    zm_group_give_back(group, excess(room, growth));
    zm_group_subtract(group, excess(before, after));
}

/* The allocator made more of it than a fresh block has, and there is no room for that: it becomes a
 * fresh block, if there is memory for one. */
static void *exchange_for_fresh(void *moved, size_t n)
{
    void *fresh = ztrymalloc(n);
    if (!fresh)
        return moved;
    memcpy(fresh, moved, n);
    zfree(moved);
    return fresh;
}

static void *resize_in_room(zgroup *group, void *block, size_t n, size_t room)
{
    size_t before = charge_of(block);
    void *moved = ztryrealloc(block, n);
    if (!moved) {
        zm_group_give_back(group, room);
        return NULL;
    }
    size_t more = excess(excess(charge_of(moved), before), room);
    if (more != 0 && zm_group_grant(group, more))
        room += more;
    else if (more != 0)
        moved = exchange_for_fresh(moved, n);
    settle(group, before, charge_of(moved), room);
    return moved;
}

/* By a fresh block, whose size is known before the old one is given up. One that is to be smaller
 * can stay as it is. */
static void *resize_by_copy(zgroup *group, void *block, size_t n)
{
    size_t before = charge_of(block), usable = zmalloc_usable(block);
    bool is_smaller = n <= usable;
    if (is_smaller && n > usable / 2)
        return block;
    void *fresh = ztrymalloc(n);
    if (!fresh)
        return is_smaller ? block : NULL;
    size_t after = charge_of(fresh), room = excess(after, before);
    if (!zm_group_grant(group, room)) {
        zfree(fresh);
        return is_smaller ? block : zm_no_memory();
    }
    memcpy(fresh, block, is_smaller ? n : usable);
    settle(group, before, after, room);
    zfree(block);
    return fresh;
}

static bool has_limit(const zgroup *group)
{
    for (; group; group = group->parent)
        if (zm_load(&group->limit) != ZM_NO_LIMIT)
            return true;
    return false;
}

void *zgroup_realloc(zgroup *group, void *block, size_t n)
{
    if (!group)
        return ztryrealloc(block, n);
    if (!block)
        return zgroup_malloc(group, n);
    if (n == 0) {
        zgroup_free(group, block);
        return NULL;
    }
    size_t request = zm_request_size(n), most = zm_most_charged(request);
    if (request > PTRDIFF_MAX)
        return zm_no_memory();
    size_t room = excess(most, charge_of(block));
    if ((most == 0 && has_limit(group)) || !zm_group_grant(group, room))
        return resize_by_copy(group, block, n);
    return resize_in_room(group, block, n, room);
}
