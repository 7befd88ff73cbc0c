#include "oom.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atomic.h"
#include "cancel.h"
#include "compiler.h"
#include "zmalloc.h"

/* Writes the decimal digits of n before `end`, and returns where they begin. */
static char *format_decimal(char *end, size_t n)
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

/* Cancellation is off, as write is a cancellation point: a cancelled thread would end here and the
 * process live on. No stdio: a stream may allocate its buffer or wait for a lock, and formatting
 * takes kilobytes of stack. */
static void print_and_abort(size_t n)
{
    static const char before[] = "zmalloc: Out of memory trying to allocate ";
    static const char after[] = " bytes\n";
    zm_cancel_off();
    char number[3 * sizeof n], message[sizeof before + sizeof number + sizeof after];
    const char *digits = format_decimal(number + sizeof number, n);
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

ZM_COLD void *zm_no_memory(size_t n)
{
    (void)n;
    errno = ENOMEM;
    return NULL;
}

/* Does not note that a handler is running: it may leave by longjmp or on another stack, unseen. */
ZM_COLD void *zm_out_of_memory(size_t n)
{
    zmalloc_oom_handler *current = zm_load_acquire(&handler);
    current(n);
    return zm_no_memory(n);
}
