/* Two words stand for everything rare: one sends requests to the slow path, the other frees. Each
 * is one comparison with memory, whatever the reasons are. */
#ifndef ZM_FAST_PATH_H
#define ZM_FAST_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "compiler.h"
#include "config.h"

/* Fast-path limit: requests with n - min_request < limit skip the slow path. 0 sends every request
 * there: until the constructor has run, and for good once a fault rule is set, where the process's
 * malloc does not align every block or has no size query; and while samples are taken. */
extern ZM_ATOMIC(size_t) zm_fast_limit;

/* While samples are taken zm_fast_limit is 0. Where it would else let requests with n - min_request
 * up to this pass, they do, as quickly but for the count down to the next sample. */
#define ZM_SAMPLED_MAX                                                                             \
    (zm_backend.good_size ? (size_t)ZM_SIZE_CACHE_MAX - zm_backend.min_request : (size_t)65536)

/* A block p with (p & mask) == 0 is freed by the slow path. All ones: NULL alone. 0 sends every
 * block there: until the constructor has run, and for good where the backend's can_free_fast says
 * no (another malloc, Valgrind's, a padded or guarded mimalloc) or its fallback is in use. */
extern ZM_ATOMIC(size_t) zm_free_mask;

/* From now on the mask has no bits but those of `kept`, which is not 0: align - 1 for blocks of
 * that alignment. To be called before the first such block is handed out: whoever frees it got it
 * after that. */
void zm_lower_free_mask(size_t kept);

/* Whether the thread can subtract quickly and has asked the allocator before, which may have set up
 * things for it then: see query_costs_errno in backend.h. Not a member of the thread's counter: its
 * address would be kept over the allocator's call, in one more saved register. */
extern _Thread_local bool zm_allocator_knows_thread ZM_TLS_MODEL;

#if ZM_X86_64_ASSEMBLY

/* One instruction with memory, where compilers load an atomic object first. */

static ZM_ALWAYS_INLINE bool zm_needs_slow_path(size_t above_min)
{
    bool is_slow;
    __asm__("{cmpq %2, %1|cmp %1, %2}" : "=@ccae"(is_slow) : "r"(above_min), "m"(zm_fast_limit));
    return is_slow;
}

static ZM_ALWAYS_INLINE bool zm_needs_slow_free(const void *block)
{
    bool is_slow;
    __asm__("{testq %1, %2|test %2, %1}" : "=@ccz"(is_slow) : "r"(block), "m"(zm_free_mask));
    return is_slow;
}

#else

static ZM_ALWAYS_INLINE bool zm_needs_slow_path(size_t above_min)
{
    /* Acquire: the table of sizes was cleared before it was opened. */
    return above_min >= zm_load_acquire(&zm_fast_limit);
}

static ZM_ALWAYS_INLINE bool zm_needs_slow_free(const void *block)
{
    return ((uintptr_t)block & zm_load(&zm_free_mask)) == 0;
}

#endif
#endif
