/* Where there is no unwinder. */
#include "stack.h"

bool zm_stack_prepare(void)
{
    return false;
}

unsigned zm_stack_take(const struct zm_stack_top *top, uintptr_t *stack, unsigned most)
{
    (void)top;
    (void)stack;
    (void)most;
    return 0;
}
