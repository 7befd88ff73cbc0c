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
static void *finish(void *block, enum zm_added added, size_t total)
{
    if (added == ZM_LOOK)
        zm_look(total);
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
    size_t total = 0;
    enum zm_added added = zm_add(rounded_size, &total);
    return added == ZM_REFUSED ? undo(block, rounded_size, fail) : finish(block, added, total);
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
    size_t total = 0, room = zm_round_to_long(fresh->request + zm_backend.header);
    if (!zm_reserve(room))
        return fail(n);
    void *block = get_block(fresh);
    if (!block) {
        zm_add_reserved(room, 0, &total);
        return fail(n);
    }
    enum zm_added added = zm_add_reserved(room, rounded_size_of(fresh, block), &total);
    return added == ZM_REFUSED ? undo(block, n, fail) : finish(block, added, total);
}

static void *allocate_fresh(const struct fresh *fresh, size_t n, zm_failure *fail)
{
    if (has_hard_limit())
        return allocate_within_limit(fresh, n, fail);
    void *block = get_block(fresh);
    if (!block)
        return fail(n);
    size_t total = 0;
    enum zm_added added = zm_add(rounded_size_of(fresh, block), &total);
    return added == ZM_REFUSED ? undo(block, n, fail) : finish(block, added, total);
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
    size_t before, least; /* its size, and the least that it can have: rounded */
    size_t request, n;
    zm_failure *fail;
};

/* Charges a block that was resized, and that nothing can take back. */
static void *charge_resized(void *moved, size_t before)
{
    size_t total = 0, after = zm_round_to_long(zm_backend.block_size(moved));
    if (after > before)
        return finish(moved, zm_add_forced(after - before, &total), total);
    if (after < before && !zm_try_subtract(before - after))
        zm_subtract(before - after);
    return moved;
}

/* More than any allocator makes of a block that is to have `least` bytes and has `before`: they
 * grow by a quarter at least, and to the next size class, a quarter above, or page. */
static size_t most_after(const struct resize *to)
{
    size_t grown = to->before + to->before / 4;
    size_t wanted = to->least > grown ? to->least : grown;
    return wanted + wanted / 4 + 65536;
}

/* By the allocator's realloc, where there is room for whatever size it chooses. The rest of the
 * room shows nowhere. */
static void *resize_in_room(const struct resize *to, size_t room)
{
    size_t total = 0;
    void *moved = zm_backend.realloc(to->block, to->request);
    size_t after = moved ? zm_round_to_long(zm_backend.block_size(moved)) : to->before;
    size_t growth = after > to->before ? after - to->before : 0;
    enum zm_added added = zm_add_reserved(room, growth, &total);
    if (!moved)
        return to->fail(to->n);
    if (growth == 0 || added == ZM_REFUSED) /* refused: more than most_after */
        return charge_resized(moved, to->before);
    return finish(moved, added, total);
}

/* By a fresh block, whose size is known before the old one is given up. What is charged is the
 * difference: the caller has one of the two at any time. */
static void *resize_by_copy(const struct resize *to)
{
    size_t total = 0, room = to->least - to->before;
    if (!zm_reserve(room))
        return to->fail(to->n);
    void *fresh = zm_backend.malloc(to->request);
    if (!fresh) {
        zm_add_reserved(room, 0, &total);
        return to->fail(to->n);
    }
    size_t after = zm_round_to_long(zm_fresh_block_size(fresh, 1, to->request));
    size_t growth = after > to->before ? after - to->before : 0;
    enum zm_added added = zm_add_reserved(room, growth, &total);
    if (added == ZM_REFUSED)
        return undo(fresh, to->n, to->fail);
    size_t old_size = zm_backend.block_size(to->block);
    size_t usable = zm_backend.header ? zm_backend.usable_size(to->block) : old_size;
    memcpy(fresh, to->block, usable < to->request ? usable : to->request);
    if (after < to->before)
        zm_subtract(to->before - after);
    zm_backend.free_sized(to->block, old_size);
    return finish(fresh, added, total);
}

static void *grow_within_limit(const struct resize *to)
{
    size_t most = to->least < SIZE_MAX / 4 ? most_after(to) : 0;
    if (ZM_CAN_RESERVE && most != 0 && zm_reserve(most - to->before))
        return resize_in_room(to, most - to->before);
    return resize_by_copy(to);
}

void *zm_reallocate(void *block, size_t n, zm_failure *fail)
{
    size_t request = zm_request_size(n);
    if (request > PTRDIFF_MAX || zm_fault_injected(n))
        return fail(n);
    size_t size = zm_backend.block_size(block);
    size_t header = zm_backend.header ? size - zm_backend.usable_size(block) : 0;
    const struct resize to = {
        block, zm_round_to_long(size), zm_round_to_long(header + request), request, n, fail};
    if (has_hard_limit() && to.least > to.before)
        return grow_within_limit(&to);
    void *moved = zm_backend.realloc(block, request);
    return moved ? charge_resized(moved, to.before) : fail(n);
}
