/* A process to which something is missing calls the whole library. Rule: each call gives the answer
 * that zmalloc.h documents for that, none ends the process, none leaves a descriptor open.
 *
 * Arguments: the scenario; when to enter it. Without the second it is entered anew for each of the
 * times at which a program may come to the library first, and once after other use. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include "check.h"
#include "children.h"
#include "descriptors.h"
#include "scenarios.h"

#define BEFORE_MAIN "EXHAUSTION_BEFORE_MAIN"

static const struct scenario *find_situation(const char *name)
{
    const struct scenario *scenario = scenarios;
    while (scenario->name && strcmp(scenario->name, name) != 0)
        scenario++;
    require(scenario->name, "there is no scenario \"%s\"", name);
    return scenario;
}

static void check_here(const struct scenario *scenario)
{
    static struct descriptors before;
    prepare_children();
    const char *reason = scenario->enter();
    if (reason)
        skip(reason);
    list_descriptors(&before);
    if (scenario->no_figures) {
        check_allocating_calls(&scenario->supply);
    } else {
        check_every_call(&scenario->supply);
        check_with_nothing_left(&scenario->supply);
        check_children();
    }
    check_failing_on_purpose(&scenario->supply);
    require_same_descriptors(&before);
}

static void after_use(const struct scenario *scenario)
{
    static const struct supply all = {.no_memory = false};
    check_every_call(&all);
    check_here(scenario);
}

static void *run_thread(void *scenario)
{
    check_here(scenario);
    return NULL;
}

static int run_c11_thread(void *scenario)
{
    check_here(scenario);
    return 0;
}

static void in_thread(const struct scenario *scenario)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run_thread, (void *)(uintptr_t)scenario);
    require(error == 0, "pthread_create: %s", strerror(error));
    pthread_join(thread, NULL);
}

static void in_c11_thread(const struct scenario *scenario)
{
    thrd_t thread;
    require(thrd_create(&thread, run_c11_thread, (void *)(uintptr_t)scenario) == thrd_success,
            "no C11 thread");
    thrd_join(thread, NULL);
}

static const char *own_path;

/* As a new program, whose constructor below runs the check. */
static void before_main(const struct scenario *scenario)
{
    setenv(BEFORE_MAIN, scenario->name, 1);
    execl(own_path, own_path, (char *)NULL);
    require(0, "%s: %s", own_path, strerror(errno));
}

__attribute__((constructor)) static void check_before_main(void)
{
    const char *name = getenv(BEFORE_MAIN);
    if (!name)
        return;
    check_here(find_situation(name));
    _exit(0);
}

static const struct time {
    const char *name;
    void (*check)(const struct scenario *scenario);
} times[] = {
    {"in-main", check_here},  {"before-main", before_main},       {"in-a-thread", in_thread},
    {"after-use", after_use}, {"in-a-c11-thread", in_c11_thread},
};
enum { TIMES = sizeof times / sizeof *times };

/* The parent never uses the library. */
static void check_at(const struct time *time, const struct scenario *scenario)
{
    int status;
    pid_t child = fork();
    require(child != -1, "fork: %s", strerror(errno));
    if (child == 0) {
        time->check(scenario);
        _exit(0);
    }
    require(waitpid(child, &status, 0) == child, "waitpid: %s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        _exit(77); /* it said why */
    require(status == 0, "%s, %s: wait status %#x", scenario->name, time->name, (unsigned)status);
}

int main(int argc, char **argv)
{
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER || UNDER_THREAD_SANITIZER)
        skip("the sanitizers need memory, files and threads of their own.");
    require(argc > 1, "which scenario, please?");
    own_path = argv[0];
    for (int i = 0; i < TIMES; i++)
        if (argc == 2 || strcmp(argv[2], times[i].name) == 0)
            check_at(&times[i], find_situation(argv[1]));
    return 0;
}
