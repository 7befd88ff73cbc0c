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
#include "size_cache.h"
#include "slow_path.h"

/* Adds n bytes that the group was granted to all figures; if the hard limit refuses, to none. */
static ZM_ALWAYS_INLINE enum zm_added use_granted(zgroup *group, size_t n)
{
    enum zm_added added = ZM_LIKELY(zm_try_add(n)) ? ZM_ADDED : zm_add(n);
    if (ZM_UNLIKELY(added == ZM_REFUSED))
        zm_group_give_back(group, n);
    else
        zm_group_use(group, n);
    return added;
}

/* ---- Memory from elsewhere ---- */

int zgroup_charge(zgroup *group, size_t n)
{
    bool is_granted = n <= PTRDIFF_MAX && zm_group_grant(group, n);
    enum zm_added added = is_granted ? use_granted(group, n) : ZM_REFUSED;
    if (added == ZM_REFUSED) {
        errno = ENOMEM;
        return -1;
    }
    if (added == ZM_LOOK)
        zm_look();
    return 0;
}

void zgroup_discharge(zgroup *group, size_t n)
{
    zm_group_subtract(group, n);
    zm_discharge(n);
}

/* ---- Fresh blocks ----
 *
 * Where the fast path is open, as in zmalloc.c. A group that refuses leaves the allocator alone:
 * where the charge is known before it is granted first; where only the block tells, the group is
 * looked at for the least that it may be, and granted once. */

/* Returns the block, of which `charge` bytes were granted. */
static ZM_ALWAYS_INLINE void *finish(zgroup *group, void *block, size_t charge)
{
    enum zm_added added = use_granted(group, charge);
    if (ZM_UNLIKELY(added != ZM_ADDED)) {
        if (added == ZM_LOOK)
            return zm_finish(block, added);
        zm_free_uncounted(block);
        return zm_no_memory(charge);
    }
    return block;
}

static ZM_ALWAYS_INLINE void *allocate_known(zgroup *group, enum zm_sort sort, size_t request,
                                             size_t charge)
{
    if (!zm_group_grant(group, charge))
        return zm_no_memory(request);
    void *block = zm_allocate_from(&zm_backend, sort, request);
    if (ZM_LIKELY(block))
        return finish(group, block, charge);
    zm_group_give_back(group, charge);
    return zm_no_memory(request);
}

static ZM_ALWAYS_INLINE void *allocate_and_query(zgroup *group, enum zm_sort sort, size_t request)
{
    if (!zm_group_fits(group, request))
        return zm_no_memory(request);
    void *block = zm_allocate_from(&zm_backend, sort, request);
    if (ZM_UNLIKELY(!block))
        return zm_no_memory(request);
    size_t charge = zm_round_to_long(zm_backend.block_size(block));
    if (zm_group_grant(group, charge))
        return finish(group, block, charge);
    zm_free_uncounted(block);
    return zm_no_memory(request);
}

static ZM_ALWAYS_INLINE void *allocate(zgroup *group, enum zm_sort sort, size_t n)
{
    size_t request = n < zm_backend.min_request ? zm_backend.min_request : n;
    size_t above_min = request - zm_backend.min_request;
    if (ZM_UNLIKELY(zm_needs_slow_path(above_min)))
        return zm_allocate_in_group(group, sort, 1, n, zm_no_memory);
    if (zm_backend.header)
        return allocate_known(group, sort, request, zm_round_to_long(request + zm_backend.header));
    if (!zm_backend.good_size)
        return allocate_and_query(group, sort, request);
    size_t charge = zm_size_cache_at(above_min / sizeof(long));
    return ZM_LIKELY(charge) ? allocate_known(group, sort, request, charge)
                             : zm_allocate_in_group(group, sort, 1, n, zm_no_memory);
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

ZM_NOINLINE static void free_slow(zgroup *group, void *block)
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
        free_slow(group, block);
        return;
    }
    int saved_errno = zm_get_errno();
    size_t size =
        zm_backend.free_sizing ? zm_backend.free_sizing(block) : zm_backend.block_size(block);
    zgroup_discharge(group, zm_round_to_long(size));
    if (!zm_backend.free_sizing)
        zm_backend.free_sized(block, size);
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
