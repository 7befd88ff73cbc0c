/* The slots of counter/thread.c: taken by threads, given back at their ends, never unmapped. */
#ifndef ZM_COUNTER_SLOTS_H
#define ZM_COUNTER_SLOTS_H

#include "thread.h"

/* Chunks of slots, one page each, form a list that only grows; none is unmapped. When a thread ends
 * its slot keeps its counts, and the next owner goes on from there. */
#define ZM_SLOTS_IN_CHUNK (4096 / ZM_CACHE_LINE - 1)

struct zm_chunk {
    /* How many slots, from the first, were ever taken: a reader looks at no others. */
    _Alignas(ZM_CACHE_LINE) atomic_uint high_water;
    _Atomic(struct zm_chunk *) next;
    struct zm_slot slots[ZM_SLOTS_IN_CHUNK];
};

extern struct zm_chunk zm_first_chunk;

/* For calls of threads that have no slot: added to by atomic operations. */
extern struct zm_slot zm_shared_slot;

/* The calling thread's slot, taken now if it has none; NULL where the shared one is to be used. */
struct zm_slot *zm_get_slot_slow(void);

static inline struct zm_slot *zm_get_slot(void)
{
    struct zm_slot *slot = zm_own.slot;
    return ZM_LIKELY(slot) ? slot : zm_get_slot_slow();
}

/* The calling thread, which owns the slot, has no allowance any more; nor have those of the
 * parent's threads in the child of a fork, whose `owner` is another process. */
void zm_give_up_allowance(struct zm_slot *slot);
void zm_settle_after_fork(int own_pid);

/* One thread more or less has a slot. */
void zm_count_owner(int change);

/* Visits all slots of threads, taken or not. */
static inline void zm_visit_slots(void (*visit)(struct zm_slot *slot, void *context), void *context)
{
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk;
         chunk = atomic_load_explicit(&chunk->next, memory_order_acquire))
        for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++)
            visit(&chunk->slots[i], context);
}

/* Adds up a word of the shared slot and of each slot that was ever taken. */
static ZM_ALWAYS_INLINE size_t zm_sum_slots(size_t (*read)(const struct zm_slot *slot))
{
    size_t sum = read(&zm_shared_slot);
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk;
         chunk = atomic_load_explicit(&chunk->next, memory_order_acquire)) {
        unsigned high_water = atomic_load_explicit(&chunk->high_water, memory_order_relaxed);
        for (unsigned i = 0; i < high_water; i++)
            sum += read(&chunk->slots[i]);
    }
    return sum;
}

#endif
