/* Forks while other threads are in the middle of allocating. Rules: the child can go on as any
 * process, its count is exact from the moment of the fork, and counts of the threads that did not
 * come along serve its own new threads, so that generations of forks do not make reading dear.
 *
 * Arguments: how many forks, seed, and "no-new-threads" where the child of a fork cannot start
 * any, as under qemu-user 7. Then there are no generations either. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../meeting.h"
#include "parcels.h"

/* A child that waits for a lock which nobody holds any more is ended after so many seconds. */
enum { THREADS = 8, GENERATIONS = 60, PATIENCE = 30 };

static atomic_bool quit;
static bool children_start_threads = true;
static struct meeting counted, released;
static uint64_t seeds[THREADS];
static pthread_t threads[THREADS];

static void *allocate_all_the_time(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    while (!atomic_load(&quit))
        free_parcel(make_parcel(&random), &random);
    return NULL;
}

static void *allocate_some(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    for (int i = 0; i < 50; i++)
        free_parcel(make_parcel(&random), &random);
    return make_parcel(&random);
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
        free_parcel(left, random);
    }
}

static void live_on_in_child(uint64_t random)
{
    alarm(PATIENCE);
    size_t before = zmalloc_used_memory();
    struct parcel *parcel = make_parcel(&random);
    require_total(before + parcel_size(parcel), "in the child of a fork, with one block live");
    resize_parcel(parcel, &random);
    if (children_start_threads)
        run_threads_in_child(&random);
    require_total(before + parcel_size(parcel), "in the child of a fork, after its threads");
    free_parcel(parcel, &random);
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

/* Takes a count, and keeps it until the others may go. */
static void *allocate_once(void *unused)
{
    (void)unused;
    zfree(zmalloc(1));
    meet(&counted);
    meet(&released);
    return NULL;
}

/* Each generation has threads of its own when it forks the next one, and the last one reads. */
static void fork_for_generations(uint64_t *random)
{
    double first_cost = 0;
    for (int generation = 1; generation <= GENERATIONS; generation++) {
        call_meeting(&counted, THREADS + 1);
        call_meeting(&released, THREADS + 1);
        start_threads(allocate_once, random);
        meet(&counted);
        if (generation == 1)
            first_cost = reading_cost();
        pid_t child = fork();
        if (child != 0) {
            meet(&released);
            join_threads();
            require_good_end(child);
            exit(0);
        }
        alarm(PATIENCE);
    }
    require_cheap_reading(first_cost, "after generations of forks");
}

int main(int argc, char **argv)
{
    unsigned long forks = argument(argc, argv, 1, 40);
    uint64_t random = argument(argc, argv, 2, 20);
    children_start_threads = argc < 4 || strcmp(argv[3], "no-new-threads") != 0;
    if (UNDER_THREAD_SANITIZER)
        skip("the thread sanitizer cannot start threads in the child of a fork.");
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER)
        skip("the sanitizer's own allocator stands still in the child of a fork.");
    fork_often(forks, &random);
    if (children_start_threads && times_count())
        fork_for_generations(&random);
    return 0;
}
