/* Limits that one thread changes while others allocate; two threads that pass the soft limit at
 * once; forks while other threads look. The first argument is how many rounds. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../barrier.h"
#include "total.h"

enum { THREADS = 4, HELD = 8, MOST_ALLOWANCE = 65536, PATIENCE = 120 };
static const size_t kib = 1024, mib = (size_t)1 << 20;

static atomic_bool is_over;
static pthread_t threads[THREADS];
static uint64_t seeds[THREADS];
static atomic_ulong calls_ended[THREADS];

static void start_threads(void *(*run)(void *))
{
    atomic_store(&is_over, false);
    for (int i = 0; i < THREADS; i++) {
        seeds[i] = (uint64_t)i + 1;
        require(pthread_create(&threads[i], NULL, run, &seeds[i]) == 0, "no thread");
    }
}

static void join_threads(void)
{
    atomic_store(&is_over, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* ---- Limits that change ---- */

static void *grow_or_stay(void *block, size_t n)
{
    void *moved = ztryrealloc(block, n);
    return moved ? moved : block;
}

/* A call takes up to 4 MiB, and what a thread holds is many times that. */
static void *allocate_all_the_time(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    void *blocks[HELD] = {NULL};
    while (!atomic_load(&is_over)) {
        size_t n = (next_random(&random) & (4 * mib - 1)) + 1;
        void **block = &blocks[random >> 44 & (HELD - 1)];
        switch (random >> 40 & 3) {
        case 0:
            *block = grow_or_stay(*block, n);
            break;
        case 1:
            if (zmalloc_charge(n) == 0)
                zmalloc_discharge(n);
            break;
        default:
            zfree(*block);
            *block = random >> 50 & 1 ? ztrymalloc(n) : ztrycalloc(n / 4);
        }
        atomic_fetch_add(&calls_ended[(uint64_t *)seed - seeds], 1);
    }
    for (int i = 0; i < HELD; i++)
        zfree(blocks[i]);
    return NULL;
}

struct listener {
    atomic_size_t calls;
};
static struct listener listeners[2];

static void hear_0(size_t used, void *context)
{
    (void)used;
    require(context == &listeners[0], "a function with the context of another");
    atomic_fetch_add(&listeners[0].calls, 1);
}

static void hear_1(size_t used, void *context)
{
    (void)used;
    require(context == &listeners[1], "a function with the context of another");
    atomic_fetch_add(&listeners[1].calls, 1);
}

/* Until each thread has ended the call that it is in. */
static void await_calls_under_way(void)
{
    unsigned long before[THREADS];
    for (int i = 0; i < THREADS; i++)
        before[i] = atomic_load(&calls_ended[i]);
    for (int i = 0; i < THREADS; i++)
        while (atomic_load(&calls_ended[i]) == before[i])
            usleep(50);
}

/* Once the calls have ended that began before it was set, one a thread, the total does not grow
 * above the limit any more: but for what threads were allowed before. */
static void watch_a_limit(size_t limit)
{
    zmalloc_set_hard_limit(limit);
    await_calls_under_way();
    size_t at = zmalloc_used_memory();
    require(at <= limit + THREADS * (4 * mib + MOST_ALLOWANCE), "%zu of %zu once it is set", at,
            limit);
    size_t most = (at > limit ? at : limit) + THREADS * MOST_ALLOWANCE;
    for (int i = 0; i < 20; i++) {
        size_t used = zmalloc_used_memory(), peak = zmalloc_get_peak_memory();
        require(used <= most, "a total of %zu, at a limit of %zu set at %zu", used, limit, at);
        require(peak >= used, "a peak of %zu, and %zu was told", peak, used);
        if (i == 10)
            usleep(100);
    }
}

static void change_limits(unsigned long rounds)
{
    uint64_t random = 99;
    size_t before = zmalloc_used_memory();
    start_threads(allocate_all_the_time);
    for (unsigned long i = 0; i < rounds; i++) {
        size_t limit = zmalloc_used_memory() + (next_random(&random) & (2 * mib - 1));
        if (random >> 40 & 1)
            zmalloc_set_soft_limit(limit / 2, random >> 41 & 1 ? hear_1 : hear_0,
                                   &listeners[random >> 41 & 1]);
        if (random >> 42 & 1)
            zmalloc_reset_peak_memory();
        zmalloc_set_hard_limit(0);
        watch_a_limit(limit);
    }
    zmalloc_set_hard_limit(0);
    zmalloc_set_soft_limit(0, NULL, NULL);
    join_threads();
    require(rounds < 100 || (listeners[0].calls > 0 && listeners[1].calls > 0),
            "the soft limit was not passed");
    require_total(before, "with limits changed meanwhile");
}

/* ---- Two threads pass the soft limit at once ---- */

static struct barrier all_start, all_done;
static atomic_size_t passed;
static unsigned long pass_rounds;

static void note_passed(size_t used, void *context)
{
    require(used > *(size_t *)context, "passed at %zu of %zu", used, *(size_t *)context);
    atomic_fetch_add(&passed, 1);
}

static void *pass_together(void *unused)
{
    (void)unused;
    for (unsigned long i = 0; i < pass_rounds; i++) {
        barrier_wait(&all_start);
        require(zmalloc_charge(mib) == 0, "no limit, and refused");
        barrier_wait(&all_done);
        zmalloc_discharge(mib);
    }
    return NULL;
}

static void pass_at_once(unsigned long rounds)
{
    pthread_t two[2];
    size_t limit = zmalloc_used_memory() + mib / 2;
    pass_rounds = rounds;
    barrier_init(&all_start, 3);
    barrier_init(&all_done, 3);
    for (int i = 0; i < 2; i++)
        require(pthread_create(&two[i], NULL, pass_together, NULL) == 0, "no thread");
    for (unsigned long i = 1; i <= rounds; i++) {
        zmalloc_set_soft_limit(limit, note_passed, &limit);
        barrier_wait(&all_start);
        barrier_wait(&all_done);
        require(atomic_load(&passed) == i, "%zu calls in %lu rounds", atomic_load(&passed), i);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(two[i], NULL);
    zmalloc_set_soft_limit(0, NULL, NULL);
}

/* ---- Forks while other threads look ---- */

/* More than any thread may allocate without a look. */
static void *look_all_the_time(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over))
        if (zmalloc_charge(100 * kib) == 0)
            zmalloc_discharge(100 * kib);
    return NULL;
}

/* All the room is the child's. */
static void fork_while_others_look(unsigned long forks)
{
    start_threads(look_all_the_time);
    for (unsigned long i = 0; i < forks; i++) {
        pid_t child = fork();
        require(child >= 0, "no fork");
        if (child == 0) {
            alarm(PATIENCE);
            zmalloc_set_hard_limit(zmalloc_used_memory() + mib);
            require(zmalloc_charge(mib) == 0, "the child was refused what fits");
            require(zmalloc_charge(1) != 0, "the child passed the limit");
            _exit(0);
        }
        int status;
        require(waitpid(child, &status, 0) == child && status == 0, "child %lu ended with %d", i,
                status);
    }
    join_threads();
}

int main(int argc, char **argv)
{
    unsigned long rounds = iterations(argc, argv, 100);
    change_limits(rounds);
    pass_at_once(rounds * 20);
    fork_while_others_look(rounds / 4 + 1);
    require_total(0, "at the end");
    return 0;
}
