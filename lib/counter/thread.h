/* -Daccounting=thread: each live thread owns a slot, one cache line, that only it writes, so that
 * counting needs no locked instruction. The design and its proof are in docs/accounting.md. */
#ifndef ZM_COUNTER_THREAD_H
#define ZM_COUNTER_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "config.h"

#define ZM_CACHE_LINE 64

/* Under the thread sanitizer each owner writes a plain word, so that a hand-over with too weak a
 * memory order is reported as a race. x86 (TSO ordering) would never show one. */
#if ZM_THREAD_SANITIZED
#define ZM_TSAN_OWNERS unsigned owners;
#define zm_note_handover(slot) ((slot)->owners++)
#else
#define ZM_TSAN_OWNERS
#define zm_note_handover(slot) ((void)(slot))
#endif

/* Only the present owner writes. The first two words only grow, modulo SIZE_MAX + 1, and go on from
 * owner to owner: only sums of differences mean anything. */
struct zm_slot {
    _Alignas(ZM_CACHE_LINE) atomic_size_t allocated;
    atomic_size_t freed;
    /* The next look's allowance: 0 for a new owner, then doubling. */
    size_t next_allowance;
    /* Of the 64th of the hard limit that may lie unused: what `left` was drawn from. */
    size_t drawn;
    /* The process whose thread owns it, 0 for none. In the child of a fork it tells the child's own
     * slots from those of the parent's threads, which the child does not have. */
    atomic_int owner;
    /* Counted among those that may have an allowance. */
    bool has_allowance;
    ZM_TSAN_OWNERS
};

/* What a thread keeps for itself. One object, so that one address serves for both. */
struct zm_own {
    /* NULL before its first call and after it gave the slot back. */
    struct zm_slot *slot;
    /* The allowance: what it may still allocate before it looks. 0 without a slot. */
    size_t left;
};
extern _Thread_local struct zm_own zm_own ZM_TLS_MODEL;

#if ZM_X86_64_ASSEMBLY

/* The loads and stores below as one instruction each; compilers make more. An x86 stores in
 * order: each store is a release. */

static ZM_ALWAYS_INLINE bool zm_take_left(struct zm_own *own, size_t delta)
{
    bool is_short;
    __asm__("{subq %2, %1|sub %1, %2}" : "=@ccbe"(is_short), "+m"(own->left) : "er"(delta));
    if (ZM_LIKELY(!is_short))
        return true;
    own->left += delta;
    return false;
}

static inline void zm_grow(atomic_size_t *word, size_t delta)
{
    __asm__("{addq %1, %0|add qword ptr %0, %1}" : "+m"(*word) : "er"(delta) : "cc");
}

#define zm_grow_allocated(slot, delta) zm_grow(&(slot)->allocated, delta)
#define zm_grow_freed(slot, delta) zm_grow(&(slot)->freed, delta)

#else

static ZM_ALWAYS_INLINE bool zm_take_left(struct zm_own *own, size_t delta)
{
    if (ZM_UNLIKELY(own->left <= delta))
        return false;
    own->left -= delta;
    return true;
}

static inline void zm_grow_allocated(struct zm_slot *slot, size_t delta)
{
    size_t allocated = atomic_load_explicit(&slot->allocated, memory_order_relaxed);
    atomic_store_explicit(&slot->allocated, allocated + delta, memory_order_relaxed);
}

/* Release: who reads it reads what was allocated before. */
static inline void zm_grow_freed(struct zm_slot *slot, size_t delta)
{
    size_t freed = atomic_load_explicit(&slot->freed, memory_order_relaxed);
    atomic_store_explicit(&slot->freed, freed + delta, memory_order_release);
}

#endif

/* In this order: nothing shows before it is granted. A thread without a slot has nothing left, and
 * does not pass zm_take_left, which wants more than delta. */
static ZM_ALWAYS_INLINE bool zm_try_add(size_t delta)
{
    struct zm_own *own = &zm_own;
    if (ZM_UNLIKELY(!zm_take_left(own, delta)))
        return false;
    zm_grow_allocated(own->slot, delta);
    return true;
}

static ZM_ALWAYS_INLINE bool zm_can_subtract(void)
{
    return zm_own.slot;
}

static ZM_ALWAYS_INLINE void zm_subtract_quickly(size_t delta)
{
    zm_grow_freed(zm_own.slot, delta);
}

#endif
