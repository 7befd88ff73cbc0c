/* What the bounds cost: nanoseconds a pair, by the clock, of churn at a steady 64 MiB. With no
 * limits, with both well above the total, and within 1/64 of the hard one; by turns, medians. The
 * argument is how many turns. Prints a table. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zmalloc.h>

#include "../test/barrier.h"
#include "workload.h"

enum { MOST_THREADS = 64, MOST_TURNS = 99, BLOCKS = 400000, PAIRS = 2000000, IDLE = 1000 };
enum { OFF, SET, NEAR, MODES };

struct worker {
    pthread_t thread;
    uint64_t random;
    size_t blocks, pairs;
};
static struct barrier may_start, all_done, all_idle;
static int is_over;

static void *churn(void *argument)
{
    struct worker *self = argument;
    void **blocks = calloc(self->blocks, sizeof *blocks);
    for (size_t i = 0; i < self->blocks; i++)
        blocks[i] = zmalloc(size_from(next_random(&self->random)));
    barrier_wait(&all_done);
    for (;;) {
        barrier_wait(&may_start);
        if (is_over)
            break;
        for (size_t i = 0; i < self->pairs; i++) {
            uint64_t random = next_random(&self->random);
            void **block = &blocks[(random >> 11) % self->blocks];
            zfree(*block);
            *block = ztrymalloc(size_from(random));
        }
        barrier_wait(&all_done);
    }
    for (size_t i = 0; i < self->blocks; i++)
        zfree(blocks[i]);
    free(blocks);
    return NULL;
}

static void *idle(void *unused)
{
    for (int i = 0; i < 100; i++)
        zfree(zmalloc(1000));
    barrier_wait(&all_idle);
    pause();
    return unused;
}

static void set_limits(int mode)
{
    size_t used = zmalloc_used_memory();
    size_t limit = mode == OFF ? 0 : mode == SET ? 4 * used : used + used / 128;
    zmalloc_set_hard_limit(limit);
    zmalloc_set_soft_limit(mode == SET ? limit - limit / 8 : 0, NULL, NULL);
}

static double run_once(void)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    barrier_wait(&may_start);
    barrier_wait(&all_done);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
}

static int compare(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void measure(size_t threads, int turns, const char *note)
{
    static struct worker workers[MOST_THREADS];
    double ns[MODES][MOST_TURNS];
    barrier_init(&may_start, (unsigned)threads + 1);
    barrier_init(&all_done, (unsigned)threads + 1);
    is_over = 0;
    for (size_t i = 0; i < threads; i++) {
        workers[i] =
            (struct worker){.random = i + 1, .blocks = BLOCKS / threads, .pairs = PAIRS / threads};
        if (pthread_create(&workers[i].thread, NULL, churn, &workers[i]) != 0)
            exit(1);
    }
    barrier_wait(&all_done);
    for (int turn = 0; turn < turns; turn++)
        for (int mode = 0; mode < MODES; mode++) {
            set_limits(mode);
            ns[mode][turn] = run_once() / PAIRS;
        }
    set_limits(OFF);
    is_over = 1;
    barrier_wait(&may_start);
    for (size_t i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    for (int mode = 0; mode < MODES; mode++)
        qsort(ns[mode], (size_t)turns, sizeof ns[mode][0], compare);
    double off = ns[OFF][turns / 2], set = ns[SET][turns / 2], near = ns[NEAR][turns / 2];
    printf("| %zu%s | %.1f ns | %.1f ns | %.2f | %.1f ns | %.2f |\n", threads, note, off, set,
           set / off, near, near / off);
}

int main(int argc, char **argv)
{
    const size_t counts[] = {1, 2, 8, 64};
    int turns = argc > 1 ? atoi(argv[1]) : 15;
    turns = turns < 1 ? 1 : turns > MOST_TURNS ? MOST_TURNS : turns;
    printf("%s, %ld processors, medians of %d turns\n\n"
           "| threads | no limits | both set | / none | within 1/64 | / none |\n"
           "|---|---:|---:|---:|---:|---:|\n",
           zmalloc_lib(), sysconf(_SC_NPROCESSORS_ONLN), turns);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        measure(counts[i], turns, "");
    barrier_init(&all_idle, IDLE + 1);
    for (int i = 0; i < IDLE; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, idle, NULL) != 0)
            return 1;
    }
    barrier_wait(&all_idle);
    measure(1, turns, ", and 1,000 idle");
    return 0;
}
