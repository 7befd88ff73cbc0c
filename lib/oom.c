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

/* A handler that is running on this thread must not be called again, and it may never come back:
 * longjmp is allowed and tells nobody. So each run fills a stretch of its stack frame with marks,
 * and counts as still running while the present frame lies beyond it and every mark is in place.
 * After a jump, later frames overwrite some of them, unless one buffer that nobody wrote to covers
 * them all: hence so many. */
#define ZM_MARKS (5 * 1024 / sizeof(uintptr_t))

struct run {
    const volatile uintptr_t *marks;
    uintptr_t value;
};
static _Thread_local struct run latest;
static _Thread_local uintptr_t runs;

ZM_READS_STALE_STACK static int is_running(struct run run, const volatile uintptr_t *here)
{
    if (!run.marks || (uintptr_t)here >= (uintptr_t)run.marks)
        return 0;
    for (size_t i = 0; i < ZM_MARKS; i++)
        if (run.marks[i] != run.value)
            return 0;
    return 1;
}

ZM_COLD void *zm_no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

ZM_COLD void *zm_out_of_memory(size_t n)
{
    volatile uintptr_t marks[ZM_MARKS];
    if (is_running(latest, marks))
        print_and_abort(n);
    latest = (struct run){marks, (uintptr_t)marks ^ ++runs};
    for (size_t i = 0; i < ZM_MARKS; i++)
        marks[i] = latest.value;
    oom_handler *present = zm_load(&handler);
    present(n);
    latest.marks = NULL;
    return zm_no_memory();
}
