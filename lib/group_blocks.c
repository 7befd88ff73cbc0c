/* Blocks of groups: what the ztry calls do, with a group that is charged too. */
#include <errno.h>
#include <stdbool.h>

#include "backend.h"
#include "counter.h"
#include "group.h"
#include "oom.h"
#include "request.h"
#include "room.h"
#include "slow_path.h"

/* ---- Memory from elsewhere ---- */

int zgroup_charge(zgroup *group, size_t n)
{
    struct zm_room room = {.group = group};
    if (n > PTRDIFF_MAX || !zm_take_room(&room, n)) {
        errno = ENOMEM;
        return -1;
    }
    if (zm_use_room(&room, n) == ZM_LOOK)
        zm_look();
    return 0;
}

void zgroup_discharge(zgroup *group, size_t n)
{
    zm_group_subtract(group, n);
    zm_discharge(n);
}

/* ---- Blocks ---- */

void *zgroup_malloc(zgroup *group, size_t n)
{
    return group ? zm_allocate_in_group(group, ZM_PLAIN, 1, n, zm_no_memory) : ztrymalloc(n);
}

void *zgroup_calloc(zgroup *group, size_t num, size_t n)
{
    size_t all = zm_saturating_mul(num, n);
    return group ? zm_allocate_in_group(group, ZM_ZEROED, 1, all, zm_no_memory) : ztrycalloc(all);
}

void *zgroup_aligned_alloc(zgroup *group, size_t align, size_t n)
{
    bool is_valid = align != 0 && (align & (align - 1)) == 0;
    return group && is_valid ? zm_allocate_in_group(group, ZM_PLAIN, align, n, zm_no_memory)
                             : ztryaligned_alloc(align, n);
}

/* The block is discharged first: once it is free another thread may get and charge it. */
void zgroup_free(zgroup *group, void *block)
{
    if (!group || !block) {
        zfree(block);
        return;
    }
    int saved_errno = errno;
    size_t size = zm_active()->block_size(block);
    zm_group_subtract(group, zm_round_to_long(size));
    errno = saved_errno;
    zfree_with_size(block, size);
}

void *zgroup_realloc(zgroup *group, void *block, size_t n)
{
    if (!block)
        return zgroup_malloc(group, n);
    if (n != 0)
        return zm_reallocate(group, block, n, zm_no_memory);
    zgroup_free(group, block);
    return NULL;
}
