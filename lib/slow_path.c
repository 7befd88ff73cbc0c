#include "slow_path.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "backend.h"
#include "counter.h"
#include "fault.h"
#include "limit.h"
#include "request.h"
#include "size_cache.h"

static bool has_hard_limit(void)
{
    return zm_load(&zm_hard_limit) != ZM_NO_LIMIT;
}

/* The end of a call that added: `block` is its result. */
static void *finish(void *block, enum zm_added added)
{
    if (added == ZM_LOOK)
        zm_look();
    return block;
}

static void *undo(void *block, size_t n, zm_failure *fail)
{
    zm_backend.free_sized(block, zm_backend.block_size(block));
    return fail(n);
}

/* ---- Fresh blocks ---- */

void *zm_charge_slow(void *block, size_t rounded_size, zm_failure *fail)
{
    enum zm_added added = zm_add(rounded_size);
    return added == ZM_REFUSED ? undo(block, rounded_size, fail) : finish(block, added);
}

ZM_NOINLINE void *zm_charge_by_query(void *block, size_t request, zm_failure *fail)
{
    return zm_charge_slow(block, zm_round_to_long(zm_size_cache_fill(block, request)), fail);
}

/* A block of its own sort: what is charged for it, and where it comes from. */
struct fresh {
    zm_allocate_function *allocate; /* NULL: aligned_alloc */
    size_t align, request;
};

static void *get_block(const struct fresh *fresh)
{
    return fresh->allocate ? fresh->allocate(fresh->request)
                           : zm_backend.aligned_alloc(fresh->align, fresh->request);
}

static size_t rounded_size_of(const struct fresh *fresh, void *block)
{
    return zm_round_to_long(fresh->allocate
                                ? zm_size_cache_look_up(block, fresh->request)
                                : zm_fresh_block_size(block, fresh->align, fresh->request));
}

/* Room for the request is taken before the allocator is asked: it does not touch what is refused.
 */
static void *allocate_within_limit(const struct fresh *fresh, size_t n, zm_failure *fail)
{
    size_t room = zm_round_to_long(fresh->request + zm_backend.header);
    if (!zm_reserve(room))
        return fail(n);
    void *block = get_block(fresh);
    if (!block) {
        zm_add_reserved(room, 0);
        return fail(n);
    }
    enum zm_added added = zm_add_reserved(room, rounded_size_of(fresh, block));
    return added == ZM_REFUSED ? undo(block, n, fail) : finish(block, added);
}

static void *allocate_fresh(const struct fresh *fresh, size_t n, zm_failure *fail)
{
    if (has_hard_limit())
        return allocate_within_limit(fresh, n, fail);
    void *block = get_block(fresh);
    if (!block)
        return fail(n);
    enum zm_added added = zm_add(rounded_size_of(fresh, block));
    return added == ZM_REFUSED ? undo(block, n, fail) : finish(block, added);
}

ZM_NOINLINE void *zm_allocate_slow(zm_allocate_function *allocate_block, size_t n, zm_failure *fail)
{
    const struct fresh fresh = {allocate_block, 1, zm_request_size(n)};
    if (fresh.request > PTRDIFF_MAX || zm_fault_injected(n))
        return fail(n);
    return allocate_fresh(&fresh, n, fail);
}

void *zm_allocate_aligned(size_t align, size_t n, zm_failure *fail)
{
    const struct fresh fresh = {NULL, align, zm_request_size(n)};
    if (fresh.request > PTRDIFF_MAX || align > PTRDIFF_MAX - fresh.request || zm_fault_injected(n))
        return fail(n);
    return allocate_fresh(&fresh, n, fail);
}

void zm_release_slow(void *block, size_t size)
{
    zm_subtract(zm_round_to_long(size));
    zm_backend.free_sized(block, size);
}

/* ---- Resizing ---- */

struct resize {
    void *block;
    size_t before, usable; /* what it is charged, and what may be written */
    size_t least;          /* what is charged for a fresh block at least */
    size_t request, n;
    zm_failure *fail;
};

static size_t charge_of(void *block)
{
    return zm_round_to_long(zm_backend.block_size(block));
}

static size_t excess(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

static void discharge(size_t size)
{
    if (size != 0 && !zm_try_subtract(size))
        zm_subtract(size);
}

/* Without a hard limit. */
static void *resize_freely(const struct resize *to)
{
    void *moved = zm_backend.realloc(to->block, to->request);
    if (!moved)
        return to->fail(to->n);
    size_t after = charge_of(moved), growth = excess(after, to->before);
    discharge(excess(to->before, after));
    return growth == 0 || zm_try_add(growth) ? moved : finish(moved, zm_add_forced(growth));
}

/* What a fresh block of the request is charged at most, as far as that is known. Large blocks of a
 * C library are whole pages, with a header. */
static size_t most_charged(const struct resize *to, bool *is_known)
{
    enum { PAGE = 4096, LARGE = 65536 };
    size_t good = zm_backend.good_size ? zm_backend.good_size(to->request) : 0;
    *is_known = zm_backend.header || good != 0;
    if (*is_known)
        return zm_round_to_long(good > to->least ? good : to->least);
    if (zm_backend.good_size)
        return to->least + to->least / 8;
    return to->request < LARGE ? (to->request + 24 + 15) / 16 * 16
                               : (to->request + 24 + PAGE - 1) / PAGE * PAGE + PAGE;
}

/* The allocator made more of it than a fresh block has, and there is no room for that: it becomes a
 * fresh block. Only without memory for one, what is there already is charged. */
static void *exchange_for_fresh(const struct resize *to, void *moved, size_t room)
{
    void *fresh = zm_backend.malloc(to->request);
    if (fresh) {
        memcpy(fresh, moved, to->request);
        zm_backend.free_sized(moved, zm_backend.block_size(moved));
        moved = fresh;
    }
    size_t after = charge_of(moved), growth = excess(after, to->before);
    enum zm_added added = zm_add_reserved(room, growth < room ? growth : room);
    if (growth > room)
        added = zm_add_forced(growth - room);
    discharge(excess(to->before, after));
    return finish(moved, added);
}

/* By the allocator's realloc, with room for what a fresh block would have. */
static void *resize_in_room(const struct resize *to, size_t room)
{
    void *moved = zm_backend.realloc(to->block, to->request);
    if (!moved) {
        zm_add_reserved(room, 0);
        return to->fail(to->n);
    }
    size_t after = charge_of(moved), growth = excess(after, to->before);
    if (growth > room && !zm_reserve(growth - room))
        return exchange_for_fresh(to, moved, room);
    enum zm_added added = zm_add_reserved(growth > room ? growth : room, growth);
    discharge(excess(to->before, after));
    return finish(moved, added);
}

/* By a fresh block, whose size is known before the old one is given up. What is charged is the
 * difference: the caller has one of the two at any time. */
static void *resize_by_copy(const struct resize *to)
{
    size_t room = excess(to->least, to->before);
    if (!zm_reserve(room))
        return to->fail(to->n);
    void *fresh = zm_backend.malloc(to->request);
    if (!fresh) {
        zm_add_reserved(room, 0);
        return to->fail(to->n);
    }
    size_t after = zm_round_to_long(zm_fresh_block_size(fresh, 1, to->request));
    enum zm_added added = zm_add_reserved(room, excess(after, to->before));
    if (added == ZM_REFUSED)
        return undo(fresh, to->n, to->fail);
    memcpy(fresh, to->block, to->usable < to->request ? to->usable : to->request);
    discharge(excess(to->before, after));
    zm_backend.free_sized(to->block, zm_backend.block_size(to->block));
    return finish(fresh, added);
}

/* Room that may turn out to be too much is taken from other threads for as long as the allocator
 * takes: only where it is little of the limit. What is not refused that way is decided by the size
 * of a fresh block. */
static void *resize_within_limit(const struct resize *to)
{
    bool is_known;
    size_t most = most_charged(to, &is_known);
    size_t room = excess(most, to->before);
    if (to->request <= to->usable && room > 0)
        return to->block; /* no smaller by another call */
    bool is_little = is_known || most - to->least <= zm_load(&zm_hard_limit) / 512;
    if (room == 0 || (is_little && zm_reserve(room)))
        return resize_in_room(to, room);
    return resize_by_copy(to);
}

void *zm_reallocate(void *block, size_t n, zm_failure *fail)
{
    size_t request = zm_request_size(n);
    if (request > PTRDIFF_MAX || zm_fault_injected(n))
        return fail(n);
    size_t size = zm_backend.block_size(block);
    struct resize to = {.block = block,
                        .before = zm_round_to_long(size),
                        .usable = size,
                        .least = zm_round_to_long(request + zm_backend.header),
                        .request = request,
                        .n = n,
                        .fail = fail};
    if (!has_hard_limit())
        return resize_freely(&to);
    if (zm_backend.header)
        to.usable = zm_backend.usable_size(block);
    return resize_within_limit(&to);
}
