#include "oom.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atomic.h"
#include "compiler.h"
#include "config.h"
#include "zmalloc.h"

/* Writes the decimal digits of n before `end`, and returns where they begin. */
static char *digits_before(char *end, size_t n)
{
    do
        *--end = (char)('0' + n % 10);
    while (n /= 10);
    return end;
}

static char *append(char *at, const char *text, size_t length)
{
    return (char *)memcpy(at, text, length) + length;
}

/* Not through stdio: a stream may allocate its buffer, or hold a lock that is taken, and formatting
 * takes some kilobytes of stack. */
static void print_and_abort(size_t n)
{
    static const char before[] = "zmalloc: Out of memory trying to allocate ";
    static const char after[] = " bytes\n";
    char number[3 * sizeof n], message[sizeof before + sizeof number + sizeof after];
    const char *digits = digits_before(number + sizeof number, n);
    char *end = append(message, before, sizeof before - 1);
    end = append(end, digits, (size_t)(number + sizeof number - digits));
    end = append(end, after, sizeof after - 1);
    ssize_t written = write(STDERR_FILENO, message, (size_t)(end - message));
    (void)written;
    abort();
}

static ZM_ATOMIC(zmalloc_oom_handler *) handler = print_and_abort;

zmalloc_oom_handler *zmalloc_set_oom_handler(zmalloc_oom_handler *new_handler)
{
    zmalloc_oom_handler *before =
        zm_exchange(&handler, new_handler ? new_handler : print_and_abort);
    return before == print_and_abort ? NULL : before;
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

/* Apart from its caller, so that the marks take stack only where there is a handler to run. */
ZM_NOINLINE static void run_marked(zmalloc_oom_handler *present, size_t n, int depth)
{
    volatile uintptr_t marks[ZM_MARKS];
    latest = (struct run){marks, (uintptr_t)marks ^ ++runs, depth};
    for (size_t i = 0; i < ZM_MARKS; i++)
        marks[i] = latest.value;
    present(n);
}

/* The default handler may have little stack left: it is called without marks. */
ZM_COLD void *zm_out_of_memory(size_t n)
{
    zmalloc_oom_handler *present = zm_load(&handler);
    struct run outer = latest;
    uintptr_t here = (uintptr_t)&outer;
    if (!is_running(outer, here))
        outer = (struct run){0};
    uintptr_t gap = (uintptr_t)outer.marks - here;
    if (present == print_and_abort || outer.depth == ZM_DEEPEST_RUN
        || (outer.depth > 0 && gap < ZM_RIGHT_BELOW))
        print_and_abort(n);
    run_marked(present, n, outer.depth + 1);
    latest = outer;
    return zm_no_memory();
}
