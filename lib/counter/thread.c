#include "counter/slots.h"

#include "counter.h"
#include "limit.h"

/* The most that a thread may allocate before it looks, and the least that one alone may. */
#define ZM_MOST_ALLOWANCE ((size_t)32 << 10)
#define ZM_LEAST_ALLOWANCE ((size_t)4 << 10)
#define ZM_FIRST_ALLOWANCE ((size_t)1 << 10)

/* How often a reader tries to find `granted` held still. */
enum { READ_TRIES = 4 };

/* ---- What threads share ----
 *
 * granted = the sum over all threads of allocated + left, + returned, + what zm_reserve took. It
 * only grows, and before anything of it is used. So with any sum of `freed` and `returned` taken
 * earlier,
 *
 *     total <= granted - that sum
 *
 * and `freed_seen` is the largest such sum so far. All are modulo SIZE_MAX + 1. */
static _Alignas(ZM_CACHE_LINE) atomic_size_t granted;
static _Alignas(ZM_CACHE_LINE) atomic_size_t freed_seen;
static atomic_size_t returned; /* granted and given up: allowances of threads that ended */
static atomic_size_t live;     /* threads that have a slot */
static atomic_size_t sharers;  /* of those, the ones that may have an allowance */
static atomic_size_t reserved; /* of all allowances that were taken under a hard limit */

static size_t allocated_of(const struct zm_slot *slot)
{
    return atomic_load_explicit(&slot->allocated, memory_order_acquire);
}

static size_t freed_of(const struct zm_slot *slot)
{
    return atomic_load_explicit(&slot->freed, memory_order_acquire);
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool fits(size_t upper, size_t n, size_t limit)
{
    return upper <= limit && n <= limit - upper;
}

/* `freed_seen` comes first: of a later one `granted` might not yet have all. */
static size_t upper_bound(void)
{
    size_t seen = atomic_load_explicit(&freed_seen, memory_order_acquire);
    return atomic_load_explicit(&granted, memory_order_acquire) - seen;
}

/* Brings freed_seen up to date. Returns `granted` as it was before. */
static size_t see_freed(void)
{
    size_t before = atomic_load_explicit(&granted, memory_order_acquire);
    size_t sum = atomic_load_explicit(&returned, memory_order_acquire) + zm_sum_slots(freed_of);
    size_t seen = atomic_load_explicit(&freed_seen, memory_order_acquire);
    for (;;) {
        size_t now = atomic_load_explicit(&granted, memory_order_acquire);
        if (now - sum >= now - seen
            || atomic_compare_exchange_weak_explicit(&freed_seen, &seen, sum, memory_order_acq_rel,
                                                     memory_order_acquire))
            return before;
    }
}

/* ---- Allowances ---- */

/* A thread alone looks at least every 16th of the total. */
static size_t allowance_alone(size_t total)
{
    size_t part = total / 16;
    return part < ZM_LEAST_ALLOWANCE ? ZM_LEAST_ALLOWANCE : least_of(part, ZM_MOST_ALLOWANCE);
}

/* Draws up to `wanted` from the 64th of the hard limit that may lie in allowances, in place of what
 * the slot drew before. The present `left` remains covered. */
static size_t reserve_allowance(struct zm_slot *slot, size_t wanted)
{
    size_t hard = zm_load(&zm_hard_limit), drawn = wanted;
    size_t all = atomic_load_explicit(&reserved, memory_order_relaxed);
    do {
        if (hard == ZM_NO_LIMIT) {
            drawn = 0;
        } else {
            size_t others = all - slot->reserved, most = hard / 64;
            drawn = others < most ? least_of(wanted, most - others) : 0;
        }
        if (drawn == slot->reserved)
            break;
    } while (!atomic_compare_exchange_weak_explicit(&reserved, &all, all - slot->reserved + drawn,
                                                    memory_order_relaxed, memory_order_relaxed));
    slot->reserved = drawn;
    return hard == ZM_NO_LIMIT ? wanted : drawn;
}

/* What the slot's owner may get beside what it needs now. Nothing at its first look, so that a
 * thread that calls but once leaves nothing behind, whether or not its end is noticed. */
static size_t choose_allowance(struct zm_slot *slot)
{
    size_t wanted = slot->next_allowance;
    slot->next_allowance = wanted ? least_of(2 * wanted, ZM_MOST_ALLOWANCE) : ZM_FIRST_ALLOWANCE;
    if (wanted == 0)
        return 0;
    if (!slot->has_allowance) {
        slot->has_allowance = true;
        atomic_fetch_add_explicit(&sharers, 1, memory_order_relaxed);
    }
    size_t count = atomic_load_explicit(&sharers, memory_order_relaxed);
    size_t hard = zm_load(&zm_hard_limit);
    if (count <= 1)
        wanted = least_of(wanted, allowance_alone(upper_bound()));
    else if (hard != ZM_NO_LIMIT)
        wanted = least_of(wanted, hard / 64 / count);
    return reserve_allowance(slot, wanted > zm_own.left ? wanted : zm_own.left);
}

void zm_count_owner(int change)
{
    atomic_fetch_add_explicit(&live, (size_t)change, memory_order_relaxed);
}

void zm_give_up_allowance(struct zm_slot *slot)
{
    size_t left = zm_own.left;
    zm_own.left = 0;
    slot->next_allowance = 0;
    reserve_allowance(slot, 0);
    atomic_fetch_add_explicit(&returned, left, memory_order_release);
    if (slot->has_allowance) {
        slot->has_allowance = false;
        atomic_fetch_sub_explicit(&sharers, 1, memory_order_relaxed);
        zm_look_soon();
    }
}

/* ---- Looking ---- */

/* Adds `need` and up to *extra more to `granted`, and stores in *extra how much more it was. Below
 * the next look it is one exchange. Above, all that was freed is added up first; then only the
 * hard limit refuses. No allowance goes past the soft limit while that is armed. */
static enum zm_added grant(size_t need, size_t *extra, bool forced)
{
    size_t summed_at = 0, sums = 0;
    size_t seen = atomic_load_explicit(&freed_seen, memory_order_acquire);
    size_t before = atomic_load_explicit(&granted, memory_order_acquire);
    for (;;) {
        size_t upper = before - seen;
        size_t hard = zm_load(&zm_hard_limit);
        bool has_room = fits(upper, need, hard);
        if (!has_room || !fits(upper, need, zm_load(&zm_look_at))) {
            if (sums == 0 || (!has_room && sums < READ_TRIES && summed_at != before)) {
                summed_at = see_freed();
                sums++;
                seen = atomic_load_explicit(&freed_seen, memory_order_acquire);
                before = atomic_load_explicit(&granted, memory_order_acquire);
                continue;
            }
            if (!has_room && hard != ZM_NO_LIMIT && !forced)
                return ZM_REFUSED;
        }
        size_t most = least_of(hard, zm_load(&zm_soft_at));
        size_t more = fits(upper, need, most) ? least_of(*extra, most - upper - need) : 0;
        if (atomic_compare_exchange_weak_explicit(&granted, &before, before + need + more,
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

static enum zm_added add(size_t delta, bool forced, size_t *total)
{
    struct zm_slot *slot = zm_get_slot();
    enum zm_added result = take(slot, delta, forced);
    if (result == ZM_REFUSED)
        return result;
    show(slot, delta);
    if (result == ZM_LOOK)
        *total = zm_sum();
    return result;
}

enum zm_added zm_add(size_t delta, size_t *total)
{
    return add(delta, false, total);
}

enum zm_added zm_add_forced(size_t delta, size_t *total)
{
    return add(delta, true, total);
}

bool zm_reserve(size_t n)
{
    return take(zm_get_slot(), n, false) != ZM_REFUSED;
}

enum zm_added zm_add_reserved(size_t room, size_t delta, size_t *total)
{
    struct zm_slot *slot = zm_get_slot();
    if (delta > room && take(slot, delta - room, false) == ZM_REFUSED) {
        atomic_fetch_add_explicit(&returned, room, memory_order_release);
        return ZM_REFUSED;
    }
    show(slot, delta);
    if (delta < room)
        atomic_fetch_add_explicit(&returned, room - delta, memory_order_release);
    if (upper_bound() <= zm_load(&zm_look_at))
        return ZM_ADDED;
    *total = zm_sum();
    return ZM_LOOK;
}

ZM_COLD void zm_subtract(size_t delta)
{
    struct zm_slot *slot = zm_get_slot();
    if (slot)
        zm_grow_freed(slot, delta);
    else
        atomic_fetch_add_explicit(&zm_shared_slot.freed, delta, memory_order_release);
}

/* ---- Reading ---- */

/* First all that was freed, then all that was allocated: never below zero. In between nothing may
 * have been granted, or what was turned over meanwhile would count as in use. */
size_t zm_sum(void)
{
    size_t least = ZM_NO_LIMIT;
    size_t before = atomic_load_explicit(&granted, memory_order_acquire);
    for (int i = 0; i < READ_TRIES; i++) {
        size_t freed = zm_sum_slots(freed_of);
        size_t total = zm_sum_slots(allocated_of) - freed;
        size_t after = atomic_load_explicit(&granted, memory_order_acquire);
        if (after == before)
            return total;
        least = least_of(least, total);
        before = after;
    }
    return least_of(least, zm_load(&zm_hard_limit));
}

/* All that a sum costs is spread over the looks of as many allowances as slots are added up. A
 * thread alone is watched exactly but for the peak. Threads that have a slot and no allowance are
 * no reason for an error, but for fewer sums: a quarter of the total bounds those that ended and
 * kept their slot. */
void zm_get_margins(size_t total, struct zm_margins *margins)
{
    size_t count = atomic_load_explicit(&sharers, memory_order_relaxed);
    size_t all = atomic_load_explicit(&live, memory_order_relaxed);
    size_t upper = upper_bound();
    size_t soft = count <= 1 ? 0 : count * ZM_MOST_ALLOWANCE;
    size_t idle = all <= 1 ? allowance_alone(total) : least_of(all * ZM_MOST_ALLOWANCE, total / 4);
    size_t peak = soft > idle ? soft : idle;
    *margins = (struct zm_margins){upper, soft, peak, upper + peak};
}

bool zm_get_thread_totals(size_t *allocated, size_t *freed)
{
    const struct zm_slot *slot = zm_get_slot();
    if (!slot)
        return false;
    *allocated = allocated_of(slot);
    *freed = freed_of(slot);
    return true;
}

/* ---- Limits that change, and forks ---- */

/* The byte that is granted to nobody makes every exchange fail that is under way and went by the
 * limit there was. */
void zm_limits_changed(void)
{
    if (zm_own.slot)
        zm_give_up_allowance(zm_own.slot);
    atomic_fetch_add_explicit(&granted, 1, memory_order_seq_cst);
    atomic_fetch_add_explicit(&returned, 1, memory_order_release);
}

struct fork_sums {
    size_t allocated, sharers, reserved, live;
};

/* Only the calling thread lives in the child, and what earlier fork handlers have started. */
static void settle_slot(struct zm_slot *slot, int own_pid, struct fork_sums *sums)
{
    sums->allocated += allocated_of(slot);
    if (atomic_load_explicit(&slot->owner, memory_order_relaxed) != own_pid) {
        slot->next_allowance = slot->reserved = 0;
        slot->has_allowance = false;
        return;
    }
    sums->sharers += slot->has_allowance;
    sums->reserved += slot->reserved;
    sums->live++;
}

/* What the parent's threads had left, or were about to use, is given up: `granted` is counted anew.
 * Not while other threads count already. Then so much room, up to 64 KiB a thread that there was,
 * and what was in the middle of a call, is lost to the child. */
void zm_settle_after_fork(int own_pid)
{
    struct fork_sums sums = {.allocated = allocated_of(&zm_shared_slot)};
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk;
         chunk = atomic_load_explicit(&chunk->next, memory_order_acquire))
        for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++)
            settle_slot(&chunk->slots[i], own_pid, &sums);
    atomic_store_explicit(&live, sums.live, memory_order_relaxed);
    atomic_store_explicit(&sharers, sums.sharers, memory_order_relaxed);
    atomic_store_explicit(&reserved, sums.reserved, memory_order_relaxed);
    if (sums.live == (zm_own.slot ? 1 : 0)) {
        size_t gone = atomic_load_explicit(&returned, memory_order_relaxed);
        atomic_store_explicit(&granted, sums.allocated + zm_own.left + gone, memory_order_seq_cst);
    }
    zm_look_soon();
}
