/* By the unwinder of the compiler's library, which needs no frame pointers. */
#include "stack.h"

#include <stddef.h>
#include <unwind.h>

#include "atomic.h"
#include "config.h"
#include "stack/own_code.h"

struct walk {
    uintptr_t frame; /* of the function whose caller is the first to be kept */
    uintptr_t *stack;
    unsigned depth, most;
};

/* The stack grows downwards: frames of functions that were called later are below. */
static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *to)
{
    struct walk *walk = to;
    uintptr_t address = _Unwind_GetIP(context);
    if (address == 0)
        return _URC_END_OF_STACK;
    if (_Unwind_GetCFA(context) <= walk->frame || (walk->depth == 0 && zm_is_own_code(address)))
        return _URC_NO_REASON;
    walk->stack[walk->depth++] = address;
    return walk->depth < walk->most ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/* The first walk may load things: not within an allocation. */
bool zm_stack_prepare(void)
{
    uintptr_t address;
    zm_find_own_code();
    return zm_stack_take(NULL, &address, 1) == 1;
}

unsigned zm_stack_take(const void *frame, uintptr_t *stack, unsigned most)
{
    struct walk walk = {.frame = (uintptr_t)frame, .stack = stack, .most = most};
    _Unwind_Backtrace(visit, &walk);
    return walk.depth;
}
