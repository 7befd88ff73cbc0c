#include "oom.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "atomic.h"
#include "compiler.h"
#include "config.h"
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

/* A handler that fails itself must not be called again, and it may never come back: longjmp is
 * allowed and tells nobody. So each run fills a stretch of its stack frame with marks, and counts
 * as still running while the present frame lies beyond it and every mark is in place. After a jump,
 * later frames overwrite some of them, unless one buffer that nobody wrote to covers them all. So
 * there are many marks, and only a failure right below them ends the process at once: one further
 * down may be such a buffer's, and is borne a few times. */
#define ZM_MARKS (8256 / sizeof(uintptr_t)) /* no BUFSIZ covers them */
#define ZM_RIGHT_BELOW (768 + 4 * ZM_FRAME_OVERHEAD)
#define ZM_DEEPEST_RUN 4

struct run {
    const volatile uintptr_t *marks;
    uintptr_t value;
    int depth; /* 1 for a run that is in no other */
};
static _Thread_local struct run latest ZM_TLS_MODEL;
static _Thread_local uintptr_t runs ZM_TLS_MODEL;

/* `here` is an address in the present frame. */
ZM_READS_STALE_STACK static bool is_running(struct run run, uintptr_t here)
{
    if (!run.marks || here >= (uintptr_t)run.marks)
        return false;
    for (size_t i = 0; i < ZM_MARKS; i++)
        if (run.marks[i] != run.value)
            return false;
    return true;
}

ZM_COLD void *zm_no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

ZM_COLD void *zm_out_of_memory(size_t n)
{
    volatile uintptr_t marks[ZM_MARKS];
    struct run outer = latest;
    if (!is_running(outer, (uintptr_t)marks))
        outer = (struct run){0};
    uintptr_t gap = (uintptr_t)outer.marks - (uintptr_t)(marks + ZM_MARKS);
    if (outer.depth == ZM_DEEPEST_RUN || (outer.depth > 0 && gap < ZM_RIGHT_BELOW))
        print_and_abort(n);
    latest = (struct run){marks, (uintptr_t)marks ^ ++runs, outer.depth + 1};
    for (size_t i = 0; i < ZM_MARKS; i++)
        marks[i] = latest.value;
    oom_handler *present = zm_load(&handler);
    present(n);
    latest = outer;
    return zm_no_memory();
}
