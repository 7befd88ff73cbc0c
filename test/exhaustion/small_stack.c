/* Memory runs out on threads with the smallest stack that the C library allows, or 16 KiB where
 * that is less. Rule: the report fits there: the default handler's, that of a handler which
 * returns, and that of one which fails itself. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "zmalloc.h"

/* Volatile, so that the compiler does not see the request and warn of it. */
static volatile size_t too_much = (size_t)PTRDIFF_MAX + 1;

static void *volatile got;

static void note(size_t n)
{
    require(n == too_much, "the handler was told %zu", n);
}

static void fail_again(size_t n)
{
    got = zmalloc(n - 1);
}

static void *fail_by_default(void *unused)
{
    got = zmalloc(too_much);
    return unused;
}

static void *fail_and_go_on(void *unused)
{
    zmalloc_set_oom_handler(note);
    got = zmalloc(too_much);
    require(!got && errno == ENOMEM, "zmalloc gave %p, errno %d", got, errno);
    return unused;
}

static void *fail_in_handler(void *unused)
{
    zmalloc_set_oom_handler(fail_again);
    got = zmalloc(too_much + 1);
    return unused;
}

typedef void *thread_function(void *unused);
struct thread {
    thread_function *run;
};

static void run_on_small_stack(void *thread)
{
    pthread_t id;
    pthread_attr_t attributes;
    long least = sysconf(_SC_THREAD_STACK_MIN);
    size_t size = least > 16384 ? (size_t)least : 16384;
    pthread_attr_init(&attributes);
    int error = pthread_attr_setstacksize(&attributes, size);
    require(error == 0, "no stack of %zu bytes: %s", size, strerror(error));
    error = pthread_create(&id, &attributes, ((struct thread *)thread)->run, NULL);
    require(error == 0, "pthread_create: %s", strerror(error));
    pthread_join(id, NULL);
}

static void check(const char *name, thread_function *run, bool aborts)
{
    char text[4096];
    struct thread thread = {run};
    int status = run_child(run_on_small_stack, &thread, true, text, sizeof text);
    if (!aborts) {
        require(status == 0, "%s: wait status %#x, said \"%s\"", name, (unsigned)status, text);
        return;
    }
    char expected[128];
    snprintf(expected, sizeof expected, "zmalloc: Out of memory trying to allocate %zu bytes\n",
             too_much);
    require(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
            "%s: did not abort, wait status %#x, said \"%s\"", name, (unsigned)status, text);
    require(strcmp(text, expected) == 0, "%s: said \"%s\"", name, text);
}

int main(void)
{
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER || UNDER_THREAD_SANITIZER)
        skip("the sanitizers need a larger stack.");
    check("a handler that returns", fail_and_go_on, false);
    check("the default handler", fail_by_default, true);
    check("a handler that fails", fail_in_handler, true);
    return 0;
}
