#include "slow_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "backend.h"
#include "counter.h"
#include "fast_path.h"
#include "fault.h"
#include "limit.h"
#include "request.h"
#include "room.h"
#include "sample.h"
#include "size_cache.h"

static bool has_hard_limit(void)
{
    return zm_load(&zm_hard_limit) != ZM_NO_LIMIT;
}

void *zm_finish(void *block, enum zm_added added)
{
    if (added == ZM_LOOK)
        zm_look();
    return block;
}

void zm_free_uncounted(void *block)
{
    const struct zm_backend_vtable *backend = zm_active();
    backend->free_sized(block, backend->block_size(block));
}

static void *undo(void *block, size_t n, zm_failure *fail)
{
    zm_free_uncounted(block);
    return fail(n);
}

/* ---- Fresh blocks ---- */

void *zm_charge_slow(void *block, size_t rounded_size, zm_failure *fail)
{
    zm_notice_tracer();
    enum zm_added added = zm_add(rounded_size);
    return added == ZM_REFUSED ? undo(block, rounded_size, fail) : zm_finish(block, added);
}

ZM_NOINLINE void *zm_charge_by_query(void *block, size_t request, zm_failure *fail)
{
    return zm_charge_slow(block, zm_round_to_long(zm_size_cache_fill(block, request)), fail);
}

/* What is asked for: which call the block comes from, and how large it is. */
struct fresh {
    enum zm_sort sort;
    size_t align, request; /* align 1: by `sort`; else by aligned_alloc */
    zgroup *group;
};

static void *get_aligned(const struct zm_backend_vtable *backend, const struct fresh *fresh)
{
    if (fresh->sort != ZM_ZEROED)
        return backend->aligned_alloc(fresh->align, fresh->request);
    if (backend->aligned_zalloc)
        return backend->aligned_zalloc(fresh->align, fresh->request);
    void *block = backend->aligned_alloc(fresh->align, fresh->request);
    if (!block)
        return NULL;
    size_t usable = backend->fresh_block_size
                        ? backend->fresh_block_size(block, fresh->align, fresh->request)
                        : backend->usable_size(block);
    return memset(block, 0, usable);
}

static void *get_block(const struct fresh *fresh)
{
    const struct zm_backend_vtable *backend = zm_active();
    if (fresh->align == 1)
        return zm_allocate_from(backend, fresh->sort, fresh->request);
    void *block = get_aligned(backend, fresh);
    if (block && backend->misjudges_aligned)
        zm_lower_free_mask(fresh->align - 1);
    return block;
}

static size_t rounded_size_of(const struct fresh *fresh, void *block)
{
    return zm_round_to_long(fresh->align == 1
                                ? zm_size_cache_look_up(block, fresh->request)
                                : zm_fresh_block_size(block, fresh->align, fresh->request));
}

static size_t least_charged(const struct fresh *fresh)
{
    return zm_round_to_long(fresh->request + zm_active()->header);
}

/* Room for the request is taken before the allocator is asked: it does not touch what is refused.
 */
static void *allocate_within_limit(const struct fresh *fresh, size_t n, zm_failure *fail)
{
    struct zm_room room = {.group = fresh->group};
    if (!zm_take_room(&room, least_charged(fresh)))
        return fail(n);
    void *block = get_block(fresh);
    if (!block) {
        zm_give_up_room(&room);
        return fail(n);
    }
    enum zm_added added = zm_use_room(&room, rounded_size_of(fresh, block));
    return added == ZM_REFUSED ? undo(block, n, fail) : zm_finish(block, added);
}

/* In a group with a limit, and without a hard one. As above, room for the request comes first, and
 * the total last: a block that a group refuses is in no figure. */
static void *allocate_within_group(const struct fresh *fresh, size_t n, zm_failure *fail)
{
    size_t least = least_charged(fresh);
    if (!zm_group_grant(fresh->group, least))
        return fail(n);
    void *block = get_block(fresh);
    if (!block) {
        zm_group_give_back(fresh->group, least);
        return fail(n);
    }
    size_t size = rounded_size_of(fresh, block), room = least > size ? least : size;
    if (!zm_group_grant(fresh->group, room - least)) {
        zm_group_give_back(fresh->group, least);
        return undo(block, n, fail);
    }
    enum zm_added added = zm_try_add(size) ? ZM_ADDED : zm_add(size);
    if (added == ZM_REFUSED) {
        zm_group_give_back(fresh->group, room);
        return undo(block, n, fail);
    }
    zm_group_use(fresh->group, size);
    zm_group_give_back(fresh->group, room - size);
    return zm_finish(block, added);
}

static void *allocate_fresh(const struct fresh *fresh, size_t n, zm_failure *fail)
{
    if (has_hard_limit())
        return allocate_within_limit(fresh, n, fail);
    if (zm_group_limit(fresh->group) != ZM_NO_LIMIT)
        return allocate_within_group(fresh, n, fail);
    void *block = get_block(fresh);
    if (!block)
        return fail(n);
    size_t size = rounded_size_of(fresh, block);
    enum zm_added added = zm_add(size);
    if (added == ZM_REFUSED)
        return undo(block, n, fail);
    zm_group_add(fresh->group, size);
    return zm_finish(block, added);
}

/* ---- Samples ---- */

static void *give_up(size_t n)
{
    (void)n;
    return NULL;
}

/* What it would be charged unsampled, or more where only a block can tell. */
static size_t most_charged_unsampled(const struct fresh *fresh)
{
    if (fresh->align == 1)
        return zm_most_charged_unsampled(fresh->request);
    size_t rounded = (fresh->request + fresh->align - 1) / fresh->align * fresh->align;
    return zm_most_charged_unsampled(rounded + fresh->align);
}

/* What allocators charge for an alignment has no rule that they share: one is made and freed, for
 * samples of such blocks alone. `most` without memory for it. */
static size_t charged_for_alignment(const struct fresh *fresh, size_t most)
{
    const struct fresh like = {ZM_PLAIN, fresh->align, fresh->request, NULL};
    void *block = get_block(&like);
    if (!block)
        return most;
    size_t size = rounded_size_of(&like, block);
    zm_free_uncounted(block);
    return size < most ? size : most;
}

/* The same for the block, which is aligned at least as was asked for. */
static size_t charged_unsampled(const struct fresh *fresh, void *block, size_t most)
{
    size_t least = zm_active()->aligned_is_alike_from;
    bool tells = fresh->align >= ZM_SAMPLE_ALIGNMENT || (least && fresh->request >= least);
    if (tells)
        return zm_round_to_long(zm_active()->block_size(block));
    return fresh->align == 1 ? most : charged_for_alignment(fresh, most);
}

/* A page-aligned block, if the next sample is due; NULL where it is not, or does not fit. */
static void *allocate_sample(const struct fresh *fresh, const struct zm_stack_top *top)
{
    size_t most = most_charged_unsampled(fresh);
    if (ZM_LIKELY(!zm_sample_is_due(most)))
        return NULL;
    struct fresh sample = *fresh;
    if (sample.align < ZM_SAMPLE_ALIGNMENT)
        sample.align = ZM_SAMPLE_ALIGNMENT;
    if (sample.align > PTRDIFF_MAX - sample.request)
        return NULL;
    void *block = allocate_fresh(&sample, fresh->request, give_up);
    if (block)
        zm_sample_begin(block, charged_unsampled(fresh, block, most), most, top);
    return block;
}

size_t zm_most_charged_unsampled(size_t request)
{
    size_t least = zm_active()->aligned_is_alike_from, guess = zm_size_cache_guess(request);
    return least && request >= least ? 2 * guess + ZM_SAMPLE_ALIGNMENT : guess;
}

size_t zm_charged_unsampled(void *block, size_t request, size_t most)
{
    const struct fresh fresh = {ZM_PLAIN, 1, request, NULL};
    return charged_unsampled(&fresh, block, most);
}

/* ---- The calls ---- */

ZM_NOINLINE void *zm_allocate_slow(enum zm_sort sort, size_t n, zm_failure *fail)
{
    return zm_allocate_in_group(NULL, sort, 1, n, fail);
}

void *zm_allocate_aligned(size_t align, size_t n, zm_failure *fail)
{
    return zm_allocate_in_group(NULL, ZM_PLAIN, align, n, fail);
}

void *zm_allocate_in_group(zgroup *group, enum zm_sort sort, size_t align, size_t n,
                           zm_failure *fail)
{
    const struct fresh fresh = {sort, align > zm_backend.alignment ? align : 1, zm_request_size(n),
                                group};
    if (fresh.request > PTRDIFF_MAX || fresh.align > PTRDIFF_MAX - fresh.request
        || zm_fault_injected(n))
        return fail(n);
    zm_notice_tracer();
    if (ZM_UNLIKELY(zm_load_acquire(&zm_is_sampling))) {
        void *sample = allocate_sample(&fresh, &ZM_STACK_TOP);
        if (sample)
            return sample;
    }
    return allocate_fresh(&fresh, n, fail);
}

/* ---- Freeing ---- */

_Thread_local bool zm_allocator_knows_thread ZM_TLS_MODEL;

void zm_release_slow(void *block, size_t size)
{
    int saved_errno = errno;
    zm_subtract(zm_round_to_long(size));
    zm_active()->free_sized(block, size);
    errno = saved_errno;
}

ZM_NOINLINE void zm_free_slow(void *block)
{
    if (!block)
        return;
    int saved_errno = errno;
    const struct zm_backend_vtable *backend = zm_active();
    size_t size = backend->block_size(block);
    zm_sample_end(block);
    zm_discharge(zm_round_to_long(size));
    backend->free_sized(block, size);
    zm_allocator_knows_thread = zm_can_subtract();
    errno = saved_errno;
}

void zm_free_no_tcache(void *block)
{
    if (!block)
        return;
    int saved_errno = errno;
    const struct zm_backend_vtable *backend = zm_active();
    zm_sample_end(block);
    zm_discharge(zm_round_to_long(backend->block_size(block)));
    backend->free_no_tcache(block);
    errno = saved_errno;
}
