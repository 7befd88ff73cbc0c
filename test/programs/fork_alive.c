/* Forks while other threads are in the middle of allocating. Rules: the child can go on as any
 * process, and its count is exact from the moment of the fork.
 *
 * Arguments: how many forks, seed, and "no-new-threads" where the child of a fork cannot start
 * any, as under qemu-user 7. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checked_block.h"

/* A child that waits for a lock which nobody holds any more is ended after so many seconds. */
enum { THREADS = 8, PATIENCE = 120 };

static atomic_bool quit;
static bool children_start_threads = true;
static uint64_t seeds[THREADS];
static pthread_t threads[THREADS];

static void *allocate_all_the_time(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    while (!atomic_load(&quit))
        release_checked(make_checked(&random), &random);
    return NULL;
}

static void *allocate_some(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    for (int i = 0; i < 50; i++)
        release_checked(make_checked(&random), &random);
    return make_checked(&random);
}

static void start_threads(void *(*run)(void *), uint64_t *random)
{
    for (int i = 0; i < THREADS; i++) {
        seeds[i] = next_random(random) | 1;
        int error = pthread_create(&threads[i], NULL, run, &seeds[i]);
        require(error == 0, "pthread_create: %s", strerror(error));
    }
}

static void run_threads_in_child(uint64_t *random)
{
    start_threads(allocate_some, random);
    for (int i = 0; i < THREADS; i++) {
        void *left;
        pthread_join(threads[i], &left);
        release_checked(left, random);
    }
}

static void live_on_in_child(uint64_t random)
{
    alarm(PATIENCE);
    size_t before = zmalloc_used_memory();
    struct checked_block *checked = make_checked(&random);
    require_total(before + checked_size(checked), "in the child of a fork, with one block live");
    resize_checked(checked, &random);
    if (children_start_threads)
        run_threads_in_child(&random);
    require_total(before + checked_size(checked), "in the child of a fork, after its threads");
    release_checked(checked, &random);
    require_total(before, "in the child of a fork, after the last block");
}

static void require_good_end(pid_t child)
{
    int status;
    require(child > 0, "fork: %s", strerror(errno));
    while (waitpid(child, &status, 0) < 0)
        require(errno == EINTR, "waitpid: %s", strerror(errno));
    require(!WIFSIGNALED(status) || WTERMSIG(status) != SIGALRM,
            "the child of a fork stood still for %d seconds", PATIENCE);
    require(!WIFSIGNALED(status), "the child of a fork was killed by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        _exit(1); /* it said why */
}

static void join_threads(void)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void fork_often(unsigned long forks, uint64_t *random)
{
    size_t before = zmalloc_used_memory();
    start_threads(allocate_all_the_time, random);
    for (unsigned long i = 0; i < forks; i++) {
        uint64_t child_random = next_random(random) | 1;
        pid_t child = fork();
        if (child == 0) {
            live_on_in_child(child_random);
            _exit(0);
        }
        require_good_end(child);
    }
    atomic_store(&quit, true);
    join_threads();
    require_total(before, "in the parent of the forks");
}

int main(int argc, char **argv)
{
    unsigned long forks = iterations(argc, argv, 40);
    uint64_t random = argument(argc, argv, 2, 20);
    children_start_threads = argc < 4 || strcmp(argv[3], "no-new-threads") != 0;
    if (UNDER_THREAD_SANITIZER)
        skip("the thread sanitizer cannot start threads in the child of a fork.");
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER)
        skip("the sanitizer's own allocator stands still in the child of a fork.");
    fork_often(forks, &random);
    return 0;
}
