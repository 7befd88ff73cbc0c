/* By frame pointers, where the program and its libraries are compiled with them
 * (-fno-omit-frame-pointer): a fraction of what the unwinder takes. What was compiled without may
 * hide its caller. */
#include "stack.h"

#include <pthread.h>
#include <stddef.h>

#include "config.h"
#include "stack/own_code.h"

/* The thread's stack; `end` is 0 until it is known. */
static _Thread_local struct {
    uintptr_t begin, end;
} own_stack ZM_TLS_MODEL;

/* glibc reads /proc/self/maps for the main thread. */
static void find_stack(void)
{
    pthread_attr_t attributes;
    void *lowest;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    if (pthread_attr_getstack(&attributes, &lowest, &size) == 0) {
        own_stack.begin = (uintptr_t)lowest;
        own_stack.end = (uintptr_t)lowest + size;
    }
    pthread_attr_destroy(&attributes);
}

bool zm_stack_prepare(void)
{
    zm_find_own_code();
    return true;
}

/* Less the signature that 64-bit ARM may have put there (PAC): by a hint, xpaclri, which processors
 * that sign nothing pass over. */
#if defined(__aarch64__)
static inline uintptr_t return_address(uintptr_t saved)
{
    register uintptr_t link __asm__("x30") = saved;
    __asm__("hint #7" : "+r"(link));
    return link;
}
#else
static inline uintptr_t return_address(uintptr_t saved)
{
    return (uintptr_t)__builtin_extract_return_addr((void *)saved);
}
#endif

/* Two words: the caller's frame, and the return address. */
static bool is_frame(const uintptr_t *frame)
{
    return (uintptr_t)frame % sizeof *frame == 0 && (uintptr_t)frame >= own_stack.begin
           && (uintptr_t)frame < own_stack.end
           && own_stack.end - (uintptr_t)frame >= 2 * sizeof *frame;
}

/* A register that is no frame pointer may hold anything, and on another stack than the thread's, as
 * a coroutine's, nobody knows where that ends: then the caller alone is told. */
unsigned zm_stack_take(const struct zm_stack_top *top, uintptr_t *stack, unsigned most)
{
    unsigned depth = 0;
    if (own_stack.end == 0)
        find_stack();
    for (const uintptr_t *at = top->frame; depth < most && is_frame(at) && at[1] != 0;
         at = (const uintptr_t *)at[0]) {
        uintptr_t address = return_address(at[1]);
        if (depth != 0 || !zm_is_own_code(address))
            stack[depth++] = address;
        if (at[0] <= (uintptr_t)at)
            break;
    }
    if (depth == 0)
        stack[depth++] = top->caller;
    return depth;
}
