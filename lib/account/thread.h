/* -Daccounting=thread: each live thread owns a slot, one cache line, that only it writes, so that
 * counting needs no locked instruction. The design and its proof are in docs/accounting.md. */
#ifndef ZM_ACCOUNT_THREAD_H
#define ZM_ACCOUNT_THREAD_H

#include <stdatomic.h>
#include <stddef.h>

#include "compiler.h"
#include "config.h"

#define ZM_CACHE_LINE 64

struct zm_slot {
    /* What its owners, one after the other, have added. Only the present owner writes. */
    _Alignas(ZM_CACHE_LINE) atomic_size_t used;
    /* Whether a live thread owns it. */
    atomic_bool taken;
};

/* The calling thread's slot; NULL before its first call and after it gave the slot back. */
extern _Thread_local struct zm_slot *zm_own_slot ZM_TLS_MODEL;

/* Adds when the thread has no slot: gets it one, or uses the slot that all threads share. */
void zm_add_without_slot(size_t delta);

size_t zm_sum(void);

static inline void zm_add(size_t delta)
{
    struct zm_slot *slot = zm_own_slot;
    if (ZM_UNLIKELY(!slot)) {
        zm_add_without_slot(delta);
        return;
    }
    size_t used = atomic_load_explicit(&slot->used, memory_order_relaxed);
    atomic_store_explicit(&slot->used, used + delta, memory_order_relaxed);
}

#endif
