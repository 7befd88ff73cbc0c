/* The default out-of-memory handler, seen from outside. Rules: its text is exactly the documented
 * one, with the number of bytes asked for; it aborts, with stderr closed too; it needs no memory.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "total.h"

/* Volatile, so that the compiler does not see the request and warn of it. */
static volatile size_t too_much = (size_t)PTRDIFF_MAX + 1;

static void *by_zmalloc(void)
{
    return zmalloc(too_much);
}

static void *by_zcalloc(void)
{
    return zcalloc(too_much);
}

static void *by_zcalloc_num(void)
{
    return zcalloc_num(too_much, 3);
}

static void *by_zrealloc(void)
{
    return zrealloc(zmalloc(10), too_much);
}

static void *by_zaligned_alloc(void)
{
    return zaligned_alloc(4096, too_much);
}

static void *by_zmalloc_at_least(void)
{
    size_t usable;
    return zmalloc_at_least(too_much, &usable);
}

static void *by_zmalloc_no_tcache(void)
{
    return zmalloc_no_tcache(too_much);
}

static void *with_stderr_buffered(void)
{
    static char buffer[4096];
    setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
    return zmalloc(too_much);
}

static void end_silently(size_t n)
{
    (void)n;
    _exit(1);
}

static void *after_another_handler(void)
{
    zmalloc_set_oom_handler(end_silently);
    zmalloc_set_oom_handler(NULL);
    return zmalloc(too_much);
}

static void *when_cancelled(void)
{
    pthread_cancel(pthread_self());
    return zmalloc(too_much);
}

/* Small blocks at the end, so that nothing at all is left. */
static void *until_nothing_is_left(void)
{
    if (!limit_memory())
        _exit(CHILD_LEFT_OUT);
    for (size_t n = 1 << 20; n > 1000; n /= 2)
        for (int blocks = 0; ztrymalloc(n); blocks++)
            if (blocks == 1000)
                _exit(CHILD_LEFT_OUT);
    void *last = NULL;
    while ((last = zmalloc(1000)))
        *(volatile char *)last = 1;
    return last;
}

static const struct {
    const char *name;
    void *(*ask)(void);
    size_t number;
    bool allocator_speaks; /* tcmalloc tells stderr that the system refused it memory */
} cases[] = {
    {"zmalloc", by_zmalloc, (size_t)PTRDIFF_MAX + 1, false},
    {"zcalloc", by_zcalloc, (size_t)PTRDIFF_MAX + 1, false},
    {"zcalloc_num with a product that wraps", by_zcalloc_num, SIZE_MAX, false},
    {"zrealloc", by_zrealloc, (size_t)PTRDIFF_MAX + 1, false},
    {"zaligned_alloc", by_zaligned_alloc, (size_t)PTRDIFF_MAX + 1, false},
    {"zmalloc_at_least", by_zmalloc_at_least, (size_t)PTRDIFF_MAX + 1, false},
    {"zmalloc_no_tcache", by_zmalloc_no_tcache, (size_t)PTRDIFF_MAX + 1, false},
    {"zmalloc, stderr buffered", with_stderr_buffered, (size_t)PTRDIFF_MAX + 1, false},
    {"zmalloc, the default handler restored", after_another_handler, (size_t)PTRDIFF_MAX + 1,
     false},
    {"zmalloc, the thread cancelled", when_cancelled, (size_t)PTRDIFF_MAX + 1, false},
    {"zmalloc, memory used up", until_nothing_is_left, 1000, true},
};
enum { CASES = sizeof cases / sizeof *cases };

static void ask(void *at)
{
    void *volatile block = cases[*(int *)at].ask();
    (void)block;
}

static void check(int at, bool stderr_open)
{
    char text[8192], expected[128] = "";
    const char *name = cases[at].name;
    int status = run_child(ask, &at, stderr_open, text, sizeof text);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_LEFT_OUT) {
        printf("%s: left out, the system does not limit memory\n", name);
        return;
    }
    require(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
            "%s: did not abort, wait status %#x, and said \"%s\"", name, (unsigned)status, text);
    if (stderr_open)
        snprintf(expected, sizeof expected, "zmalloc: Out of memory trying to allocate %zu bytes\n",
                 cases[at].number);
    const char *said = text;
    if (cases[at].allocator_speaks && strlen(text) > strlen(expected))
        said += strlen(text) - strlen(expected);
    require(strcmp(said, expected) == 0, "%s: said \"%s\", not \"%s\"", name, text, expected);
}

int main(void)
{
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER || UNDER_THREAD_SANITIZER)
        skip("the sanitizer prints words of its own when memory runs out.");
    for (int at = 0; at < CASES; at++) {
        check(at, true);
        check(at, false);
    }
    return 0;
}
