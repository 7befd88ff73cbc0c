/* Blocks of groups: what the ztry calls do, with a group that is charged too. */
#include <errno.h>
#include <stdbool.h>

#include "backend.h"
#include "counter.h"
#include "fast_path.h"
#include "group.h"
#include "keep_errno.h"
#include "oom.h"
#include "request.h"
#include "room.h"
#include "sample_gate.h"
#include "size_cache.h"
#include "slow_path.h"

/* ---- Charging ----
 *
 * Where no level has a limit none can refuse: the total is charged first, as the hard limit may,
 * and one addition a level is all. Else room is taken on each level, and used when the total has
 * been charged. */

static bool is_limited(const zgroup *group)
{
    return zm_group_limit(group) != ZM_NO_LIMIT;
}

ZM_COLD static enum zm_added add_to_total_slow(size_t n)
{
    zm_notice_tracer();
    return zm_add(n);
}

/* Adds n bytes, for which there is room in a group that is limited, to all figures; to none, and
 * the room is gone, where the hard limit refuses. */
static ZM_ALWAYS_INLINE enum zm_added add(zgroup *group, size_t n, bool has_room)
{
    enum zm_added added = ZM_LIKELY(zm_try_add(n)) ? ZM_ADDED : add_to_total_slow(n);
    if (ZM_UNLIKELY(added == ZM_REFUSED)) {
        if (has_room)
            zm_group_give_back(group, n);
    } else if (has_room) {
        zm_group_use(group, n);
    } else {
        zm_group_add(group, n);
    }
    return added;
}

/* Where the hard limit may refuse: room is taken from both, or what one refuses for good would take
 * from the other. */
ZM_COLD static enum zm_added charge_slow(zgroup *group, size_t n)
{
    struct zm_room room = {.group = group};
    return zm_take_room(&room, n) ? zm_use_room(&room, n) : ZM_REFUSED;
}

static ZM_ALWAYS_INLINE enum zm_added charge(zgroup *group, size_t n)
{
    if (ZM_UNLIKELY(n > PTRDIFF_MAX))
        return ZM_REFUSED;
    if (!is_limited(group))
        return add(group, n, false);
    if (ZM_UNLIKELY(n >= zm_limit_fast_path()))
        return charge_slow(group, n);
    return zm_group_grant(group, n) ? add(group, n, true) : ZM_REFUSED;
}

int zgroup_charge(zgroup *group, size_t n)
{
    enum zm_added added = charge(group, n);
    if (added == ZM_REFUSED) {
        errno = ENOMEM;
        return -1;
    }
    if (added == ZM_LOOK)
        zm_look();
    return 0;
}

static ZM_ALWAYS_INLINE void subtract(zgroup *group, size_t n)
{
    zm_group_subtract(group, n);
    zm_discharge(n);
}

void zgroup_discharge(zgroup *group, size_t n)
{
    subtract(group, n);
}

/* ---- Fresh blocks, where the fast path is open as in zmalloc.c ---- */

ZM_COLD static void *finish_slow(void *block, size_t charge, enum zm_added added)
{
    if (added != ZM_REFUSED)
        return zm_finish(block, added);
    zm_free_uncounted(block);
    return zm_no_memory(charge);
}

/* The charge of a fresh block; 0 where only the block tells, and ZM_NEVER_QUICK where the cache
 * does not know it yet. */
static ZM_ALWAYS_INLINE size_t known_charge(size_t request)
{
    if (zm_backend.header)
        return zm_round_to_long(request + zm_backend.header);
    return zm_backend.good_size
               ? zm_load(&zm_size_cache[(request - zm_backend.min_request) / sizeof(long)])
               : 0;
}

/* What a group refuses does not touch the allocator: room is taken first or, where only the block
 * tells how much, looked for. A failure is told what is at hand, as it does not ask: keeping n over
 * the calls takes 5 instructions. */
static ZM_ALWAYS_INLINE void *allocate(zgroup *group, enum zm_sort sort, size_t n)
{
    size_t request = n < zm_backend.min_request ? zm_backend.min_request : n;
    size_t above_min = request - zm_backend.min_request;
    if (ZM_UNLIKELY(zm_needs_slow_path(above_min)) && !zm_passes_sampling(above_min))
        return zm_allocate_in_group(group, sort, 1, n, zm_no_memory);
    size_t charge = known_charge(request);
    if (ZM_UNLIKELY(charge == ZM_NEVER_QUICK))
        return zm_allocate_in_group(group, sort, 1, n, zm_no_memory);
    bool takes_room = is_limited(group);
    if (takes_room && !(charge ? zm_group_grant(group, charge) : zm_group_fits(group, request)))
        return zm_no_memory(request);
    void *block = zm_allocate_from(&zm_backend, sort, request);
    if (ZM_UNLIKELY(!block)) {
        if (takes_room)
            zm_group_give_back(group, charge);
        return zm_no_memory(charge);
    }
    if (charge == 0) {
        charge = zm_round_to_long(zm_backend.block_size(block));
        if (takes_room && !zm_group_grant(group, charge))
            return finish_slow(block, charge, ZM_REFUSED);
    }
    enum zm_added added = add(group, charge, takes_room);
    return ZM_LIKELY(added == ZM_ADDED) ? block : finish_slow(block, charge, added);
}

void *zgroup_malloc(zgroup *group, size_t n)
{
    return group ? allocate(group, ZM_PLAIN, n) : ztrymalloc(n);
}

void *zgroup_calloc(zgroup *group, size_t num, size_t n)
{
    size_t all = zm_saturating_mul(num, n);
    return group ? allocate(group, ZM_ZEROED, all) : ztrycalloc(all);
}

void *zgroup_aligned_alloc(zgroup *group, size_t align, size_t n)
{
    bool is_valid = align != 0 && (align & (align - 1)) == 0;
    return group && is_valid ? zm_allocate_in_group(group, ZM_PLAIN, align, n, zm_no_memory)
                             : ztryaligned_alloc(align, n);
}

/* ---- Freeing, as in zmalloc.c ---- */

ZM_NOINLINE static void release_slow(zgroup *group, void *block)
{
    int saved_errno = errno;
    if (group && block)
        zm_group_subtract(group, zm_round_to_long(zm_active()->block_size(block)));
    errno = saved_errno;
    zfree(block);
}

void zgroup_free(zgroup *group, void *block)
{
    if (ZM_UNLIKELY(!group || zm_needs_slow_free(block))) {
        release_slow(group, block);
        return;
    }
    int saved_errno = zm_get_errno();
    if (zm_backend.free_sizing) {
        subtract(group, zm_backend.free_sizing(block));
    } else {
        size_t size = zm_backend.block_size(block);
        subtract(group, zm_round_to_long(size));
        zm_backend.free_sized(block, size);
    }
    zm_put_errno(saved_errno);
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
