/* The stack of the calling thread. A file in stack/, by -Dstacks=. */
#ifndef ZM_STACK_H
#define ZM_STACK_H

#include <stdbool.h>
#include <stdint.h>

/* A function of the library, the last that a stack leaves out. */
struct zm_stack_top {
    const void *frame; /* its __builtin_frame_address(0) */
    uintptr_t caller;  /* the address that it returns to */
};
#define ZM_STACK_TOP                                                                               \
    ((struct zm_stack_top){__builtin_frame_address(0),                                             \
                           (uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0))})

/* False where no stack can be had. To be called before the first is taken. */
bool zm_stack_prepare(void);

/* Stores up to `most` return addresses, the innermost first, from that caller on, less those of the
 * library's own code. Returns how many, 1 at least. Allocates nothing of the library's. */
unsigned zm_stack_take(const struct zm_stack_top *top, uintptr_t *stack, unsigned most);

#endif
