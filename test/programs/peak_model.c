/* The peak of many threads against a model: after a reset, when threads have ended, in the child of
 * a fork. The first argument is how many rounds. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../barrier.h"
#include "total.h"

enum { THREADS = 4, MOST_ALLOWANCE = 65536 };

static unsigned long rounds;
static uint64_t seeds[THREADS];

/* With one counter for all threads nothing is allowed unseen; a thread alone looks each 16th. */
static size_t most_unseen(size_t highest, size_t count)
{
    size_t part = highest / 16 > 4096 ? highest / 16 : 4096;
    if (zmalloc_get_thread_memory(NULL, NULL) != 0)
        return 0;
    return count == 1 && part < MOST_ALLOWANCE ? part : count * MOST_ALLOWANCE;
}

static void *grow_or_stay(void *block, size_t n)
{
    void *moved = ztryrealloc(block, n);
    return moved ? moved : block;
}

/* Of each thread: what it has in use when it has grown. */
static size_t grown[THREADS];
static struct barrier all_start, all_done, all_freed;

static void *grow_and_shrink(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    for (unsigned long round = 0; round < rounds; round++) {
        size_t n = 0, charged = 0, pieces = next_random(&random) & 1023;
        void *block = NULL;
        barrier_wait(&all_start);
        for (size_t i = 0; i < pieces; i++) {
            size_t more = next_random(&random) & 2047;
            if (more & 1)
                charged += zmalloc_charge(more) == 0 ? more : 0;
            else
                block = grow_or_stay(block, n += more + 1);
        }
        grown[(uint64_t *)seed - seeds] = charged + zmalloc_size(block);
        barrier_wait(&all_done);
        zmalloc_discharge(charged);
        zfree(block);
        barrier_wait(&all_freed);
    }
    return NULL;
}

static void require_peak(size_t highest, size_t threads_alive, const char *when)
{
    size_t peak = zmalloc_get_peak_memory(), error = most_unseen(highest, threads_alive);
    require(peak + error >= highest && peak <= highest + error, "a peak of %zu, not %zu, %s", peak,
            highest, when);
}

/* The child has one thread, and the peak of its parent until it is reset. */
static void require_peak_in_child(size_t highest)
{
    pid_t child = fork();
    if (child == 0) {
        require_peak(highest, THREADS + 1, "in the child of a fork");
        zmalloc_reset_peak_memory();
        size_t base = zmalloc_used_memory();
        require(zmalloc_get_peak_memory() == base, "a peak after the reset");
        for (int i = 0; i < 3000; i++)
            require(zmalloc_charge(100) == 0, "no limit, and refused");
        zmalloc_discharge((size_t)3000 * 100);
        require_peak(base + (size_t)3000 * 100, 1, "in the child of a fork, after a reset");
        _exit(0);
    }
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "a child ended with %d", status);
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    rounds = iterations(argc, argv, 100);
    size_t base = zmalloc_used_memory(), highest = 0;
    barrier_init(&all_start, THREADS + 1);
    barrier_init(&all_done, THREADS + 1);
    barrier_init(&all_freed, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
        seeds[i] = (uint64_t)i + 1;
        require(pthread_create(&threads[i], NULL, grow_and_shrink, &seeds[i]) == 0, "no thread");
    }
    for (unsigned long round = 0; round < rounds; round++) {
        zmalloc_reset_peak_memory();
        barrier_wait(&all_start);
        barrier_wait(&all_done);
        highest = base;
        for (int i = 0; i < THREADS; i++)
            highest += grown[i];
        barrier_wait(&all_freed);
        require_peak(highest, THREADS + 1, "of many threads");
        if (round % 5 == 0)
            require_peak_in_child(highest);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    require_peak(highest, THREADS + 1, "of threads that have ended");
    require_total(base, "at the end");
    return 0;
}
