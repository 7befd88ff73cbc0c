/* The stack of the calling thread. A file in stack/, by -Dstacks=. */
#ifndef ZM_STACK_H
#define ZM_STACK_H

#include <stdbool.h>
#include <stdint.h>

/* False where no stack can be had. To be called before the first is taken. */
bool zm_stack_prepare(void);

/* Stores up to `most` return addresses, the innermost first, from the caller of the function whose
 * __builtin_frame_address(0) is `frame` on. Returns how many. Allocates nothing of the library's.
 */
unsigned zm_stack_take(const void *frame, uintptr_t *stack, unsigned most);

#endif
