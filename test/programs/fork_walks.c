/* Forks while stacks are taken, for each block that is allocated. Rules: neither a fork stands
 * still, nor one of its child's, however many threads fork at once; nor a fork within a walk, by a
 * signal handler of its thread.
 *
 * Arguments: how many forks, and "by-signals" where the allocator bears a fork in the middle of a
 * call, as glibc's does in a process without threads. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "total.h"

enum { PATIENCE = 100 }; /* in seconds */

static atomic_bool is_over;
static unsigned long forks;

static bool has_ended_well(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return status == 0;
}

static void fork_twice(void)
{
    pid_t child = fork();
    require(child >= 0, "no fork: %s", strerror(errno));
    if (child == 0) {
        alarm(PATIENCE);
        zfree(zmalloc(100));
        pid_t grandchild = fork();
        if (grandchild == 0)
            _exit(0);
        _exit(has_ended_well(grandchild) ? 0 : 1);
    }
    require(has_ended_well(child), "a child, or its own, stood still for %d seconds", PATIENCE);
}

static void *allocate_all_the_time(void *unused)
{
    while (!atomic_load(&is_over))
        zfree(zmalloc(100));
    return unused;
}

static void *fork_often(void *unused)
{
    for (unsigned long i = 0; i < forks; i++)
        fork_twice();
    return unused;
}

static void fork_on_threads(void)
{
    enum { OTHERS = 2, FORKERS = 2 };
    pthread_t others[OTHERS], forkers[FORKERS];
    for (int i = 0; i < OTHERS; i++)
        require(pthread_create(&others[i], NULL, allocate_all_the_time, NULL) == 0, "no thread");
    for (int i = 0; i < FORKERS; i++)
        require(pthread_create(&forkers[i], NULL, fork_often, NULL) == 0, "no thread");
    for (int i = 0; i < FORKERS; i++)
        pthread_join(forkers[i], NULL);
    atomic_store(&is_over, true);
    for (int i = 0; i < OTHERS; i++)
        pthread_join(others[i], NULL);
}

static volatile sig_atomic_t forks_of_handler;

static void fork_in_handler(int signal)
{
    (void)signal;
    int saved_errno = errno;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child > 0 && has_ended_well(child))
        forks_of_handler++;
    errno = saved_errno;
}

static void fork_by_signals(void)
{
    struct sigaction action = {.sa_handler = fork_in_handler, .sa_flags = SA_RESTART};
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &(struct itimerval){{0, 3000}, {0, 3000}}, NULL);
    while ((unsigned long)forks_of_handler < forks / 4)
        zfree(zmalloc(100));
    setitimer(ITIMER_PROF, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
}

int main(int argc, char **argv)
{
    forks = iterations(argc, argv, 400);
    if (UNDER_THREAD_SANITIZER || UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER)
        skip("the sanitizer's own allocator stands still in the child of a fork.");
    alarm(2 * PATIENCE);
    require(zmalloc_profile_start(1) == 0, "no profile: %s", strerror(errno));
    if (argc > 2)
        fork_by_signals();
    fork_on_threads();
    return 0;
}
