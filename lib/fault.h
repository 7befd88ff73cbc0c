/* Allocations that fail on purpose: the rules that zmalloc_fail() sets. */
#ifndef ZM_FAULT_H
#define ZM_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "compiler.h"

/* How many sizes, from the least request up, may pass without a look at the rules: PTRDIFF_MAX or
 * fewer, and none from the first rule of the process on. Where the bound is compared with anyway,
 * rules that are not set cost nothing. Also none before the library's constructor has run. */
extern ZM_ATOMIC(size_t) zm_fast_limit;

/* Whether a rule was ever set: for that constructor, which those of a program come before where it
 * is linked with the archive. */
extern ZM_ATOMIC(int) zm_fault_rule_set;

/* Whether the request of n bytes, which could be met, is to fail. Counts it. */
bool zm_fault_hits(size_t n);

static ZM_ALWAYS_INLINE bool zm_fault_injected(size_t n)
{
    return ZM_UNLIKELY(zm_load(&zm_fast_limit) == 0) && zm_fault_hits(n);
}

#if ZM_X86_64_ASSEMBLY

/* Compares with memory, which no compiler does for an atomic object. */
static ZM_ALWAYS_INLINE bool zm_needs_slow_path(size_t biased)
{
    bool is_watched;
    __asm__("{cmpq %2, %1|cmp %1, %2}" : "=@ccae"(is_watched) : "r"(biased), "m"(zm_fast_limit));
    return is_watched;
}

#else

static ZM_ALWAYS_INLINE bool zm_needs_slow_path(size_t biased)
{
    return biased >= zm_load(&zm_fast_limit);
}

#endif
#endif
