/* Resizing. Without a limit by the allocator's realloc, whatever it makes of the block. Within
 * one, nothing may be left that was not granted: by realloc only where it is certain what a fresh
 * block of the request is charged at most, so that there is always one to fall back on. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "backend.h"
#include "counter.h"
#include "fault.h"
#include "limit.h"
#include "oom.h"
#include "request.h"
#include "room.h"
#include "sample.h"
#include "size_cache.h"
#include "slow_path.h"
#include "zmalloc.h"

struct resize {
    zgroup *group; /* NULL: none */
    void *block;
    size_t before, usable; /* what it is charged, and what may be written */
    size_t least;          /* what is charged for a fresh block at least */
    size_t request, align; /* align 1: any object's, as malloc's */
    enum zm_added added;   /* what became of the charge */
};

static size_t charge_of(void *block)
{
    return zm_round_to_long(zm_active()->block_size(block));
}

static size_t excess(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

static bool is_smaller(const struct resize *to)
{
    return to->request <= to->usable;
}

/* A block that is to be smaller can stay as it is. */
static void *fail_or_stay(const struct resize *to)
{
    return is_smaller(to) ? to->block : NULL;
}

static void *finish(struct resize *to, void *block, enum zm_added added)
{
    to->added = added;
    return block;
}

static void discharge(const struct resize *to, size_t n)
{
    zm_group_subtract(to->group, n);
    zm_discharge(n);
}

/* What is there and cannot be refused. */
static enum zm_added charge_forced(const struct resize *to, size_t n)
{
    zm_group_add(to->group, n);
    return zm_try_add(n) ? ZM_ADDED : zm_add_forced(n);
}

/* Without a limit. */
static void *resize_freely(struct resize *to)
{
    void *moved = zm_active()->realloc(to->block, to->request);
    if (!moved)
        return NULL;
    size_t after = charge_of(moved), growth = excess(after, to->before);
    discharge(to, excess(to->before, after));
    return growth == 0 ? moved : finish(to, moved, charge_forced(to, growth));
}

/* What a fresh block of the request is charged at most; 0 where nobody can promise that. */
static size_t most_charged(const struct resize *to)
{
    const struct zm_backend_vtable *backend = zm_active();
    if (backend->header)
        return to->least;
    return zm_round_to_long(backend->most_size ? backend->most_size(to->request)
                                               : zm_predict_size(to->request));
}

/* The allocator made more of it than a fresh block has, and there is no room for that: it becomes a
 * fresh block. Only without memory for one, what is there already is charged. */
static void *exchange_for_fresh(struct resize *to, void *moved, struct zm_room *room)
{
    void *fresh = zm_active()->malloc(to->request);
    if (fresh) {
        memcpy(fresh, moved, to->request);
        zm_free_uncounted(moved);
        moved = fresh;
    }
    size_t after = charge_of(moved), growth = excess(after, to->before), had = room->size;
    enum zm_added added = zm_use_room(room, growth < had ? growth : had);
    if (growth > had && charge_forced(to, growth - had) == ZM_LOOK)
        added = ZM_LOOK;
    discharge(to, excess(to->before, after));
    return finish(to, moved, added);
}

/* By the allocator's realloc, with room for what a fresh block would have. */
static void *resize_in_room(struct resize *to, struct zm_room *room)
{
    void *moved = zm_active()->realloc(to->block, to->request);
    if (!moved) {
        zm_give_up_room(room);
        return fail_or_stay(to);
    }
    size_t after = charge_of(moved), growth = excess(after, to->before);
    if (growth > room->size && !zm_take_room(room, growth - room->size))
        return exchange_for_fresh(to, moved, room);
    enum zm_added added = zm_use_room(room, growth);
    discharge(to, excess(to->before, after));
    return finish(to, moved, added);
}

/* By a fresh block, whose size is known before the old one is given up. What is charged is the
 * difference: the caller has one of the two at any time. */
static void *resize_by_copy(struct resize *to)
{
    to->usable = zm_active()->usable_size(to->block);
    struct zm_room room = {.group = to->group};
    if (!zm_take_room(&room, excess(to->least, to->before)))
        return fail_or_stay(to);
    void *fresh = to->align == 1 ? zm_active()->malloc(to->request)
                                 : zm_active()->aligned_alloc(to->align, to->request);
    if (!fresh) {
        zm_give_up_room(&room);
        return fail_or_stay(to);
    }
    size_t after = zm_round_to_long(zm_fresh_block_size(fresh, to->align, to->request));
    enum zm_added added = zm_use_room(&room, excess(after, to->before));
    if (added == ZM_REFUSED) {
        zm_free_uncounted(fresh);
        return fail_or_stay(to);
    }
    memcpy(fresh, to->block, is_smaller(to) ? to->request : to->usable);
    discharge(to, excess(to->before, after));
    zm_free_uncounted(to->block);
    return finish(to, fresh, added);
}

/* Whether it is to stay, rather than that realloc makes it larger, or that it is copied for little.
 */
static bool is_to_stay(const struct resize *to, size_t most)
{
    return is_smaller(to) && (most ? most > to->before : to->request > to->usable / 2);
}

static void *resize_within_limit(struct resize *to)
{
    struct zm_room room = {.group = to->group};
    size_t most = most_charged(to), growth = excess(most, to->before);
    size_t surplus = zm_active()->most_size ? excess(most, to->least) : 0;
    to->usable = zm_active()->usable_size(to->block);
    if (is_to_stay(to, most))
        return to->block;
    surplus = surplus < growth ? surplus : growth;
    if (most == 0 || surplus > zm_group_limit(to->group) / 64 || !zm_draw_surplus(&room, surplus))
        return resize_by_copy(to);
    if (zm_take_room(&room, growth))
        return resize_in_room(to, &room);
    zm_give_up_room(&room);
    return resize_by_copy(to);
}

static void *resize(struct resize *to)
{
    if (to->before == 0
        || (zm_load(&zm_hard_limit) == ZM_NO_LIMIT && zm_group_limit(to->group) == ZM_NO_LIMIT))
        return resize_freely(to);
    return resize_within_limit(to);
}

/* The resized block, or what it was copied to, if that is aligned as a sample is: large blocks that
 * grow are copied once. Stays what it is where there is no room for one. */
static void *align_as_sample(struct resize *to, void *resized)
{
    if ((uintptr_t)resized % ZM_SAMPLE_ALIGNMENT == 0)
        return resized;
    struct resize again = *to;
    again.block = resized;
    again.before = charge_of(resized);
    again.align = ZM_SAMPLE_ALIGNMENT;
    if (again.before == 0 || again.request > PTRDIFF_MAX - ZM_SAMPLE_ALIGNMENT)
        return resized;
    void *aligned = resize_by_copy(&again);
    if (aligned && aligned != resized && again.added == ZM_LOOK)
        to->added = ZM_LOOK;
    return aligned ? aligned : resized;
}

/* What the resized block would be charged unsampled. It tells itself; but one that was a sample,
 * and is the same still, tells what it takes aligned, as one with a header does for good. `was` is
 * what a sample was charged unsampled, 0 for others. */
static size_t charged_unsampled(const struct resize *to, void *resized, size_t was)
{
    size_t now = charge_of(resized), header = zm_active()->header;
    if (header == 0 && (was == 0 || resized != to->block || now != to->before))
        return now;
    size_t fresh =
        zm_charged_unsampled(resized, to->request, zm_most_charged_unsampled(to->request));
    return header || fresh > was ? fresh : was;
}

/* The resized block, or what became of it if the next sample is due. */
static void *draw_anew(struct resize *to, void *resized, size_t was, const struct zm_stack_top *top)
{
    size_t size = charged_unsampled(to, resized, was);
    if (size == 0 || ZM_LIKELY(!zm_sample_is_due(size)))
        return resized;
    void *aligned = align_as_sample(to, resized);
    if ((uintptr_t)aligned % ZM_SAMPLE_ALIGNMENT == 0)
        zm_sample_begin(aligned, size, size, top);
    return aligned;
}

/* A size of 0 is that of a block which cannot be queried now: it cannot be copied either. What was
 * a sample is none any more, or is one still if this fails. */
void *zm_reallocate(zgroup *group, void *block, size_t n, zm_failure *fail)
{
    size_t request = zm_request_size(n);
    if (request > PTRDIFF_MAX || zm_fault_injected(n))
        return fail(n);
    struct resize to = {.group = group,
                        .block = block,
                        .before = charge_of(block),
                        .least = zm_round_to_long(request + zm_active()->header),
                        .request = request,
                        .align = 1,
                        .added = ZM_ADDED};
    zm_notice_tracer();
    struct zm_sample *before = zm_sample_suspend(block);
    void *resized = resize(&to);
    if (!resized) {
        zm_sample_restore(before, block);
        return fail(n);
    }
    size_t was = before ? zm_sample_size(before) : 0;
    zm_sample_ended(before);
    if (ZM_UNLIKELY(zm_load_acquire(&zm_is_sampling)))
        resized = draw_anew(&to, resized, was, &ZM_STACK_TOP);
    return zm_finish(resized, to.added);
}

/* ---- The public calls ---- */

void *zrealloc(void *block, size_t n)
{
    if (!block)
        return zmalloc(n);
    if (n != 0)
        return zm_reallocate(NULL, block, n, zm_out_of_memory);
    zfree(block);
    return NULL;
}

void *ztryrealloc(void *block, size_t n)
{
    if (!block)
        return ztrymalloc(n);
    if (n != 0)
        return zm_reallocate(NULL, block, n, zm_no_memory);
    zfree(block);
    return NULL;
}
