#include "counter/shared.h"

#include "counter.h"
#include "limit.h"

struct zm_shared zm_shared;

#define ZM_FIRST_ALLOWANCE ((size_t)1 << 10)

static bool fits(size_t upper, size_t n, size_t limit)
{
    return upper <= limit && n <= limit - upper;
}

/* Brings freed_seen up to date. Returns `granted` as it was before. */
static size_t see_freed(void)
{
    size_t before = atomic_load_explicit(&zm_shared.granted, memory_order_acquire);
    size_t sum =
        atomic_load_explicit(&zm_shared.returned, memory_order_acquire) + zm_sum_slots(zm_freed_of);
    size_t seen = atomic_load_explicit(&zm_shared.freed_seen, memory_order_acquire);
    for (;;) {
        size_t now = atomic_load_explicit(&zm_shared.granted, memory_order_acquire);
        if (now - sum >= now - seen
            || atomic_compare_exchange_weak_explicit(&zm_shared.freed_seen, &seen, sum,
                                                     memory_order_acq_rel, memory_order_acquire))
            return before;
    }
}

/* ---- Allowances ---- */

/* A thread alone looks at least every 16th of the total or 4 KiB. */
static size_t most_alone(size_t total)
{
    size_t part = total / 16 > 4096 ? total / 16 : 4096;
    return zm_least_of(part, ZM_MOST_ALONE);
}

/* Without a limit nothing need be drawn. The present `left` remains covered. */
static size_t draw_allowance(struct zm_slot *slot, size_t wanted)
{
    bool is_limited = zm_load(&zm_hard_limit) != ZM_NO_LIMIT;
    slot->drawn = zm_draw(slot->drawn, is_limited ? wanted : 0);
    return is_limited ? slot->drawn : wanted;
}

/* What the slot's owner may get beside what it needs now. Nothing at its first look, so that a
 * thread that calls but once leaves nothing behind, whether or not its end is noticed. */
static size_t choose_allowance(struct zm_slot *slot)
{
    size_t wanted = slot->next_allowance;
    slot->next_allowance = wanted ? zm_least_of(2 * wanted, ZM_MOST_ALONE) : ZM_FIRST_ALLOWANCE;
    if (wanted == 0)
        return 0;
    if (!slot->has_allowance) {
        slot->has_allowance = true;
        atomic_fetch_add_explicit(&zm_shared.sharers, 1, memory_order_relaxed);
    }
    size_t count = atomic_load_explicit(&zm_shared.sharers, memory_order_relaxed);
    size_t hard = zm_load(&zm_hard_limit);
    if (count <= 1)
        wanted = zm_least_of(wanted, most_alone(zm_upper_bound()));
    else
        wanted = zm_least_of(wanted, zm_least_of(ZM_MOST_ALLOWANCE, hard / 64 / count));
    return draw_allowance(slot, wanted > zm_own.left ? wanted : zm_own.left);
}

void zm_count_owner(int change)
{
    atomic_fetch_add_explicit(&zm_shared.live, (size_t)change, memory_order_relaxed);
}

void zm_give_up_allowance(struct zm_slot *slot)
{
    size_t left = zm_own.left;
    zm_own.left = 0;
    slot->next_allowance = 0;
    draw_allowance(slot, 0);
    atomic_fetch_add_explicit(&zm_shared.returned, left, memory_order_release);
    if (slot->has_allowance) {
        slot->has_allowance = false;
        atomic_fetch_sub_explicit(&zm_shared.sharers, 1, memory_order_relaxed);
        zm_look_soon();
    }
}

/* ---- Looking ---- */

/* Adds `need` and up to *extra more to `granted`, and stores in *extra how much more it was. Below
 * the next look it is one exchange. Above, all that was freed is added up first; then only the
 * hard limit refuses, or that the total would not fit a word. No allowance goes past the soft limit
 * while that is armed. */
static enum zm_added grant(size_t need, size_t *extra, bool forced)
{
    size_t summed_at = 0, sums = 0;
    size_t seen = atomic_load_explicit(&zm_shared.freed_seen, memory_order_acquire);
    size_t before = atomic_load_explicit(&zm_shared.granted, memory_order_acquire);
    for (;;) {
        size_t upper = before - seen;
        size_t hard = zm_load(&zm_hard_limit);
        bool has_room = fits(upper, need, hard);
        if (!has_room || !fits(upper, need, zm_load(&zm_look_at))) {
            if (sums == 0 || (!has_room && sums < ZM_READ_TRIES && summed_at != before)) {
                summed_at = see_freed();
                sums++;
                seen = atomic_load_explicit(&zm_shared.freed_seen, memory_order_acquire);
                before = atomic_load_explicit(&zm_shared.granted, memory_order_acquire);
                continue;
            }
            if (!has_room && !forced) {
                zm_look_soon(); /* in place of the one that the sum put off */
                return ZM_REFUSED;
            }
        }
        /* After a sum the peak is raised, and the next look set. */
        size_t next = sums ? SIZE_MAX : zm_load(&zm_look_at);
        size_t most = zm_least_of(next, zm_least_of(hard, zm_load(&zm_soft_at)));
        size_t more = fits(upper, need, most) ? zm_least_of(*extra, most - upper - need) : 0;
        if (atomic_compare_exchange_weak_explicit(&zm_shared.granted, &before, before + need + more,
                                                  memory_order_seq_cst, memory_order_acquire)) {
            *extra = more;
            return sums ? ZM_LOOK : ZM_ADDED;
        }
    }
}

/* Takes room for n bytes out of the allowance, a new one if need be. Nothing shows yet. */
static enum zm_added take(struct zm_slot *slot, size_t n, bool forced)
{
    size_t extra = 0;
    if (!slot)
        return grant(n, &extra, forced);
    if (n <= zm_own.left) {
        zm_own.left -= n;
        return ZM_ADDED;
    }
    extra = choose_allowance(slot);
    enum zm_added result = grant(n - zm_own.left, &extra, forced);
    if (result != ZM_REFUSED)
        zm_own.left = extra;
    return result;
}

/* ---- Adding ---- */

/* Release: a reader that sees what was allocated sees that it was granted. */
static void show(struct zm_slot *slot, size_t delta)
{
    if (slot) {
        size_t allocated = atomic_load_explicit(&slot->allocated, memory_order_relaxed);
        atomic_store_explicit(&slot->allocated, allocated + delta, memory_order_release);
    } else {
        atomic_fetch_add_explicit(&zm_shared_slot.allocated, delta, memory_order_release);
    }
}

static enum zm_added add(size_t delta, bool forced)
{
    struct zm_slot *slot = zm_get_slot();
    enum zm_added result = take(slot, delta, forced);
    if (result != ZM_REFUSED)
        show(slot, delta);
    return result;
}

enum zm_added zm_add(size_t delta)
{
    return add(delta, false);
}

enum zm_added zm_add_forced(size_t delta)
{
    return add(delta, true);
}

enum zm_added zm_reserve(size_t n)
{
    enum zm_added result = take(zm_get_slot(), n, false);
    if (result != ZM_REFUSED)
        atomic_fetch_add_explicit(&zm_shared.rooms, n, memory_order_relaxed);
    return result;
}

enum zm_added zm_add_reserved(size_t reserved, size_t delta)
{
    show(zm_get_slot(), delta);
    if (delta < reserved)
        atomic_fetch_add_explicit(&zm_shared.returned, reserved - delta, memory_order_release);
    atomic_fetch_sub_explicit(&zm_shared.rooms, reserved, memory_order_relaxed);
    return zm_upper_bound() > zm_load(&zm_look_at) ? ZM_LOOK : ZM_ADDED;
}

ZM_COLD void zm_subtract(size_t delta)
{
    struct zm_slot *slot = zm_get_slot();
    if (slot)
        zm_grow_freed(slot, delta);
    else
        atomic_fetch_add_explicit(&zm_shared_slot.freed, delta, memory_order_release);
}
