/* The thread counter's sums, and what changes for all threads at once: limits, and forks. */
#include "counter.h"
#include "counter/shared.h"
#include "forks.h"
#include "limit.h"

/* Of margins that count threads that have no allowance. */
#define MOST_FLOOR ((size_t)256 << 10)

/* ---- Reading ---- */

/* First all that was freed, then all that was allocated: never below zero. In between nothing may
 * have been granted, or what was turned over meanwhile would count as in use. */
static ZM_ALWAYS_INLINE bool sum_holds(size_t *total, size_t *granted)
{
    size_t before = *granted, freed = zm_sum_slots(zm_freed_of);
    *total = zm_sum_slots(zm_allocated_of) - freed;
    *granted = atomic_load_explicit(&zm_shared.granted, memory_order_acquire);
    return *granted == before;
}

/* Each try has too much, by what was turned over meanwhile: the least of them, within the limit. */
ZM_COLD static size_t sum_again(size_t total, size_t granted)
{
    size_t least = zm_least_of(zm_load(&zm_hard_limit), total);
    for (int i = 1; i < ZM_READ_TRIES; i++) {
        if (sum_holds(&total, &granted))
            return total;
        least = zm_least_of(least, total);
    }
    return least;
}

size_t zm_sum(void)
{
    size_t total, granted = atomic_load_explicit(&zm_shared.granted, memory_order_acquire);
    return ZM_LIKELY(sum_holds(&total, &granted)) ? total : sum_again(total, granted);
}

/* The margin grows with the number of slots, so sums get rarer. A thread alone is watched exactly:
 * it adds up at each look. With others one thread may still hold 64 KiB from when it was alone.
 * Threads that have a slot and no allowance are no reason for an error, but for fewer sums: by 256
 * bytes each at least, by 32 KiB each at most, and in between by a quarter of the total; some may
 * have ended and kept their slot.
 *
 * Two words that are read one after the other may bound the total by all that was turned over in
 * between: it is not above `total` by more than rooms and allowances. */
void zm_get_margins(size_t total, struct zm_margins *margins)
{
    size_t count = atomic_load_explicit(&zm_shared.sharers, memory_order_relaxed);
    size_t others = atomic_load_explicit(&zm_shared.live, memory_order_relaxed);
    others -= others > 0;
    size_t shared = count <= 1 ? 0 : (count - 1) * ZM_MOST_ALLOWANCE;
    size_t floor = zm_least_of(others * 256, MOST_FLOOR);
    size_t idle = zm_least_of(others * ZM_MOST_ALLOWANCE, total / 4);
    size_t soft = zm_most_of(shared, floor);
    size_t peak = zm_most_of(soft, idle);
    size_t rooms = atomic_load_explicit(&zm_shared.rooms, memory_order_relaxed);
    size_t upper = zm_least_of(zm_upper_bound(), total + rooms + (count + 1) * ZM_MOST_ALLOWANCE);
    *margins = (struct zm_margins){upper, soft, peak, upper + peak};
}

bool zm_get_thread_totals(size_t *allocated, size_t *freed)
{
    const struct zm_slot *slot = zm_get_slot();
    if (!slot)
        return false;
    *allocated = zm_allocated_of(slot);
    *freed = zm_freed_of(slot);
    return true;
}

/* ---- Limits that change ---- */

/* The byte that is granted to nobody makes every exchange fail that is under way and went by the
 * limit there was. */
void zm_limits_changed(void)
{
    if (zm_own.slot)
        zm_give_up_allowance(zm_own.slot);
    atomic_fetch_add_explicit(&zm_shared.granted, 1, memory_order_seq_cst);
    atomic_fetch_add_explicit(&zm_shared.returned, 1, memory_order_release);
}

/* ---- Forks ---- */

struct fork_sums {
    int own_pid;
    size_t allocated, sharers, drawn, live;
};

/* Only the calling thread lives in the child, and what earlier fork handlers have started, whose
 * slots are theirs. */
static void settle_slot(struct zm_slot *slot, void *context)
{
    struct fork_sums *sums = context;
    sums->allocated += zm_allocated_of(slot);
    if (atomic_load_explicit(&slot->owner, memory_order_relaxed) != sums->own_pid) {
        slot->next_allowance = slot->drawn = 0;
        slot->has_allowance = false;
        return;
    }
    sums->sharers += slot->has_allowance;
    sums->drawn += slot->drawn;
    sums->live++;
}

/* What the parent's threads had left, or were about to use, is given up: `granted` is counted anew,
 * and `freed_seen`, as the kernel may have copied the slots earlier than these while others
 * counted. Not where other threads may count already. Then so much room, up to 64 KiB a thread that
 * there was, and what was in the middle of a call, is lost to the child, and looks are as rare as
 * for so many threads. */
void zm_settle_after_fork(int own_pid)
{
    struct fork_sums sums = {own_pid, .allocated = zm_allocated_of(&zm_shared_slot)};
    zm_visit_slots(settle_slot, &sums);
    zm_look_soon();
    if (!zm_forks_are_watched_early() || sums.live != (zm_own.slot ? 1 : 0))
        return;
    atomic_store_explicit(&zm_shared.live, sums.live, memory_order_relaxed);
    atomic_store_explicit(&zm_shared.sharers, sums.sharers, memory_order_relaxed);
    atomic_store_explicit(&zm_shared.rooms, 0, memory_order_relaxed);
    zm_set_drawn(sums.drawn);
    size_t gone = atomic_load_explicit(&zm_shared.returned, memory_order_relaxed);
    atomic_store_explicit(&zm_shared.granted, sums.allocated + zm_own.left + gone,
                          memory_order_seq_cst);
    atomic_store_explicit(&zm_shared.freed_seen, gone + zm_sum_slots(zm_freed_of),
                          memory_order_seq_cst);
    zm_settle_groups();
}
