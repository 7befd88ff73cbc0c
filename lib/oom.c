#include "oom.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "atomic.h"
#include "compiler.h"
#include "zmalloc.h"

typedef void oom_handler(size_t n);

/* Not through stdio: a stream may allocate its buffer, or hold a lock that is taken. */
static void print_and_abort(size_t n)
{
    char message[96];
    int length = snprintf(message, sizeof message,
                          "zmalloc: Out of memory trying to allocate %zu bytes\n", n);
    ssize_t written = write(STDERR_FILENO, message, (size_t)length);
    (void)written;
    abort();
}

static ZM_ATOMIC(oom_handler *) handler = print_and_abort;

void zmalloc_set_oom_handler(void (*new_handler)(size_t n))
{
    zm_store(&handler, new_handler ? new_handler : print_and_abort);
}

/* A handler that is running on this thread. It may never come back: longjmp is allowed and tells
 * nobody. So a run leaves a mark in its stack frame, and counts as still running only while the
 * present frame lies beyond that one and nothing has written over the mark. */
struct run {
    const volatile uintptr_t *mark;
    uintptr_t value;
};
static _Thread_local struct run latest;
static _Thread_local uintptr_t runs;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define ZM_READS_STALE_STACK __attribute__((no_sanitize("address", "memory")))
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ZM_READS_STALE_STACK __attribute__((no_sanitize_address))
#endif
#ifndef ZM_READS_STALE_STACK
#define ZM_READS_STALE_STACK
#endif

ZM_READS_STALE_STACK static int is_running(struct run run, const volatile uintptr_t *here)
{
    return run.mark && (uintptr_t)here < (uintptr_t)run.mark && *run.mark == run.value;
}

ZM_COLD void *zm_no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

ZM_COLD void *zm_out_of_memory(size_t n)
{
    volatile uintptr_t mark = 0;
    if (is_running(latest, &mark))
        print_and_abort(n);
    mark = (uintptr_t)&mark ^ ++runs;
    latest = (struct run){&mark, mark};
    oom_handler *present = zm_load(&handler);
    present(n);
    latest.mark = NULL;
    mark = 0;
    return zm_no_memory();
}
