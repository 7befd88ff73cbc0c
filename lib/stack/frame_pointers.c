/* By frame pointers, where the program and its libraries are compiled with them
 * (-fno-omit-frame-pointer): a fraction of what the unwinder takes. What was compiled without may
 * hide its caller. */
#include "stack.h"

#include <pthread.h>
#include <stddef.h>

#include "config.h"
#include "stack/own_code.h"

/* The end of the thread's stack; 0 until it was asked for, UNKNOWN, so that nothing lies before it,
 * if nobody can tell. */
enum { FRAME_SIZE = 2 * sizeof(uintptr_t), UNKNOWN = FRAME_SIZE };
static _Thread_local uintptr_t stack_end ZM_TLS_MODEL;

/* glibc reads /proc/self/maps for the main thread. */
static uintptr_t find_stack_end(void)
{
    pthread_attr_t attributes;
    void *lowest;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return UNKNOWN;
    int result = pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return result == 0 ? (uintptr_t)lowest + size : UNKNOWN;
}

bool zm_stack_prepare(void)
{
    zm_find_own_code();
    return true;
}

/* A frame is two words: the caller's frame, which is further up, and the return address. A register
 * that is no frame pointer may hold anything: nothing past the thread's stack is read. */
unsigned zm_stack_take(const void *frame, uintptr_t *stack, unsigned most)
{
    if (stack_end == 0)
        stack_end = find_stack_end();
    unsigned depth = 0;
    const uintptr_t *at = frame;
    while (depth < most && (uintptr_t)at % sizeof *at == 0 && (uintptr_t)at < stack_end - FRAME_SIZE
           && at[1] != 0) {
        if (depth != 0 || !zm_is_own_code(at[1]))
            stack[depth++] = at[1];
        if (at[0] <= (uintptr_t)at)
            break;
        at = (const uintptr_t *)at[0];
    }
    return depth;
}
