/* Where there is no unwinder. */
#include "stack.h"

bool zm_stack_prepare(void)
{
    return false;
}

unsigned zm_stack_take(const void *frame, uintptr_t *stack, unsigned most)
{
    (void)frame;
    (void)stack;
    (void)most;
    return 0;
}
