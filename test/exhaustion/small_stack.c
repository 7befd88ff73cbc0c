/* Memory runs out on threads with the smallest stack that the C library allows, or 16 KiB where
 * that is less. Rule: the report fits there: the default handler's, and that of a handler which
 * formats a number and returns, where the thread had used some of its stack. */
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

/* snprintf alone wants some 2 KiB. */
static void format(size_t n)
{
    char number[32], expected[32];
    snprintf(number, sizeof number, "%zu", n);
    snprintf(expected, sizeof expected, "%zu", too_much);
    require(strcmp(number, expected) == 0, "the handler was told %s", number);
}

static void *fail_by_default(void *unused)
{
    got = zmalloc(too_much);
    return unused;
}

static void *fail_and_go_on(void *unused)
{
    volatile char used[3000];
    used[0] = used[sizeof used - 1] = 1;
    zmalloc_set_oom_handler(format);
    got = zmalloc(too_much);
    require(!got && errno == ENOMEM, "zmalloc gave %p, errno %d", got, errno);
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
    check("a handler that formats a number", fail_and_go_on, false);
    check("the default handler", fail_by_default, true);
    return 0;
}
