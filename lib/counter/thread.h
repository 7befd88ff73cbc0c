/* -Daccounting=thread: each live thread owns a slot, one cache line, that only it writes, so that
 * counting needs no locked instruction. The design and its proof are in docs/accounting.md. */
#ifndef ZM_COUNTER_THREAD_H
#define ZM_COUNTER_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

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

struct zm_slot {
    /* The sum of what its owners, one after the other, added. Only the present owner writes. */
    _Alignas(ZM_CACHE_LINE) atomic_size_t used;
    /* The process whose thread owns it, 0 for none. In the child of a fork it tells the child's own
     * slots from those of the parent's threads, which the child does not have. */
    atomic_int owner;
    ZM_TSAN_OWNERS
};

/* The calling thread's slot; NULL before its first call and after it gave the slot back. */
extern _Thread_local struct zm_slot *zm_own_slot ZM_TLS_MODEL;

/* Adds for a thread without a slot: gets it one, or uses the slot that all threads share. */
void zm_add_slow(size_t delta);

size_t zm_sum(void);

#if ZM_X86_64_ASSEMBLY

/* The relaxed load and store below as one instruction; compilers make three of them. */
static inline void zm_add_to_own(struct zm_slot *slot, size_t delta)
{
    __asm__("{addq %1, %0|add qword ptr %0, %1}" : "+m"(slot->used) : "er"(delta) : "cc");
}

static inline void zm_subtract_from_own(struct zm_slot *slot, size_t delta)
{
    __asm__("{subq %1, %0|sub qword ptr %0, %1}" : "+m"(slot->used) : "er"(delta) : "cc");
}

#else

static inline void zm_add_to_own(struct zm_slot *slot, size_t delta)
{
    size_t used = atomic_load_explicit(&slot->used, memory_order_relaxed);
    atomic_store_explicit(&slot->used, used + delta, memory_order_relaxed);
}

static inline void zm_subtract_from_own(struct zm_slot *slot, size_t delta)
{
    zm_add_to_own(slot, -delta);
}

#endif

static ZM_ALWAYS_INLINE bool zm_try_add(size_t delta)
{
    struct zm_slot *slot = zm_own_slot;
    if (ZM_LIKELY(slot))
        zm_add_to_own(slot, delta);
    return slot;
}

static ZM_ALWAYS_INLINE bool zm_try_subtract(size_t delta)
{
    struct zm_slot *slot = zm_own_slot;
    if (ZM_LIKELY(slot))
        zm_subtract_from_own(slot, delta);
    return slot;
}

static inline void zm_add(size_t delta)
{
    if (ZM_UNLIKELY(!zm_try_add(delta)))
        zm_add_slow(delta);
}

#endif
