/* Fault injection: the rules of zmalloc_fail(). */
#ifndef ZM_FAULT_H
#define ZM_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "atomic.h"
#include "compiler.h"
#include "fast_path.h"

/* True once any rule was set. open_fast_path checks it: with the static library, a constructor of
 * the program may set a rule first. */
extern ZM_ATOMIC(int) zm_fault_rule_set;

/* Counts a request of n bytes that could be met, and returns whether a rule fails it. */
bool zm_fault_hits(size_t n);

static ZM_ALWAYS_INLINE bool zm_fault_injected(size_t n)
{
    return ZM_UNLIKELY(zm_load(&zm_fast_limit) == 0) && zm_fault_hits(n);
}

#endif
