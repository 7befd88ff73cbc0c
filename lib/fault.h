/* Fault injection: the rules of zmalloc_fail(), and the word that sends requests to the slow path.
 */
#ifndef ZM_FAULT_H
#define ZM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "compiler.h"

/* Fast-path limit: requests with n - min_request < limit skip the slow path. 0 sends every request
 * there: until the constructor has run, and for good once a fault rule is set or where the
 * process's malloc does not align every block. */
extern ZM_ATOMIC(size_t) zm_fast_limit;

/* True once any rule was set. open_fast_path checks it: with the static library, a constructor of
 * the program may set a rule first. */
extern ZM_ATOMIC(int) zm_fault_rule_set;

/* Counts a request of n bytes that could be met, and returns whether a rule fails it. */
bool zm_fault_hits(size_t n);

static ZM_ALWAYS_INLINE bool zm_fault_injected(size_t n)
{
    return ZM_UNLIKELY(zm_load(&zm_fast_limit) == 0) && zm_fault_hits(n);
}

#if ZM_X86_64_ASSEMBLY

/* One cmp with memory: for an atomic object compilers load and compare. */
static ZM_ALWAYS_INLINE bool zm_needs_slow_path(size_t above_min)
{
    bool is_slow;
    __asm__("{cmpq %2, %1|cmp %1, %2}" : "=@ccae"(is_slow) : "r"(above_min), "m"(zm_fast_limit));
    return is_slow;
}

#else

static ZM_ALWAYS_INLINE bool zm_needs_slow_path(size_t above_min)
{
    return above_min >= zm_load(&zm_fast_limit);
}

#endif
#endif
