/* Threads whose allocations a rule fails on purpose. Rules: the rule of all threads counts each of
 * their allocations once and fails exactly as many as it says; a thread's own fails no other's;
 * and while rules are switched under threads that allocate, nothing breaks and the total is exact.
 *
 * Arguments: allocations a thread, and "rules-stay" to set none while threads run, for tools that
 * take atomic accesses for plain ones. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "../barrier.h"
#include "total.h"

/* Switched rules meet a thread between two of its steps once in some thousand times: so
 * that they do, the threads then allocate many times as often. */
enum { THREADS = 4, SIZE_LIMIT = 200, SWITCHED = 20 };

struct worker {
    pthread_t thread;
    unsigned index;
    unsigned long rounds;
    uint64_t random;
    size_t failed;
};

static struct worker workers[THREADS];
static struct barrier all_alive;
static atomic_uint still_allocating;

static void set_rule(int threads, int rule, size_t n)
{
    require(zmalloc_fail(threads, rule, n) == 0, "rule %d, %zu is refused", rule, n);
}

static void *allocate(void *argument)
{
    struct worker *self = argument;
    barrier_wait(&all_alive);
    for (unsigned long i = 0; i < self->rounds; i++) {
        void *block = ztrymalloc(1 + next_random(&self->random) % SIZE_LIMIT);
        self->failed += !block;
        zfree(block);
    }
    return NULL;
}

static void start(void *(*run)(void *), unsigned long rounds)
{
    for (unsigned i = 0; i < THREADS; i++) {
        struct worker *self = &workers[i];
        *self = (struct worker){.index = i, .rounds = rounds, .random = 20 + i};
        require(pthread_create(&self->thread, NULL, run, self) == 0, "no thread");
    }
}

/* Returns how many allocations the threads saw failing. */
static size_t end(void)
{
    size_t failed = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        failed += workers[i].failed;
    }
    return failed;
}

static void require_failures(int rule, size_t n, unsigned long rounds, size_t expected)
{
    set_rule(ZMALLOC_ALL_THREADS, rule, n);
    start(allocate, rounds);
    size_t seen = end();
    set_rule(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NONE, 0);
    size_t counted = zmalloc_failed(ZMALLOC_ALL_THREADS);
    require(seen == expected, "rule %d, %zu failed %zu of %lu, not %zu", rule, n, seen,
            THREADS * rounds, expected);
    require(counted == seen, "rule %d, %zu failed %zu and counted %zu", rule, n, seen, counted);
}

static void fail_every_nth(unsigned long rounds)
{
    static const size_t each[] = {1, 2, 3, 7};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        require_failures(ZMALLOC_FAIL_EVERY, each[i], rounds, THREADS * rounds / each[i]);
}

static void fail_the_nth(unsigned long rounds)
{
    enum { TIMES = 20 };
    unsigned long some = rounds / TIMES + 1;
    uint64_t random = 20;
    for (int i = 0; i < TIMES; i++)
        require_failures(ZMALLOC_FAIL_NTH, 1 + next_random(&random) % (THREADS * some), some, 1);
}

static void *allocate_by_own_rule(void *argument)
{
    struct worker *self = argument;
    size_t every = 2 + self->index;
    set_rule(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, every);
    allocate(self);
    require(self->failed == self->rounds / every,
            "every allocation number %zu of a thread by its own rule: %zu of %lu failed", every,
            self->failed, self->rounds);
    require(zmalloc_failed(ZMALLOC_THIS_THREAD) == self->failed, "a thread's own rule miscounted");
    return NULL;
}

/* Returns how many failures were counted: fewer than there were, as a rule may fail one more
 * between the question and the next rule. */
static size_t switch_rules(void)
{
    static const struct {
        int rule;
        size_t n;
    } rules[] = {
        {ZMALLOC_FAIL_ABOVE, 0}, {ZMALLOC_FAIL_EVERY, 3}, {ZMALLOC_FAIL_ABOVE, SIZE_LIMIT / 2},
        {ZMALLOC_FAIL_NTH, 5},   {ZMALLOC_FAIL_NONE, 0},  {ZMALLOC_FAIL_EVERY, 2}};
    size_t counted = 0;
    for (size_t i = 0; atomic_load(&still_allocating) > 0; i++) {
        size_t next = i % (sizeof rules / sizeof *rules);
        /* None keeps the count, for the rule after it to ask. */
        if (rules[next].rule != ZMALLOC_FAIL_NONE)
            counted += zmalloc_failed(ZMALLOC_ALL_THREADS);
        set_rule(ZMALLOC_ALL_THREADS, rules[next].rule, rules[next].n);
    }
    return counted + zmalloc_failed(ZMALLOC_ALL_THREADS);
}

static void *allocate_under_any_rule(void *argument)
{
    allocate(argument);
    atomic_fetch_sub(&still_allocating, 1);
    return NULL;
}

int main(int argc, char **argv)
{
    unsigned long rounds = iterations(argc, argv, 20000);
    bool rules_stay = argc > 2 && strcmp(argv[2], "rules-stay") == 0;
    size_t before = zmalloc_used_memory();
    barrier_init(&all_alive, THREADS);

    fail_every_nth(rounds);
    fail_the_nth(rounds);
    require_total(before, "after allocations failed on every thread");
    if (rules_stay)
        return 0;

    start(allocate_by_own_rule, rounds);
    end();
    require_total(before, "after each thread had a rule of its own");
    atomic_store(&still_allocating, THREADS);
    set_rule(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_EVERY, 1);
    start(allocate_under_any_rule, SWITCHED * rounds);
    size_t counted = switch_rules(), seen = end();
    require(counted <= seen, "%zu failures were counted, and the threads saw %zu", counted, seen);
    require_total(before, "after the rules were switched under threads that allocate");
    fail_every_nth(rounds);
    printf("%d threads, %zu of %lu allocations failed under rules that were switched\n", THREADS,
           seen, SWITCHED * THREADS * rounds);
    return 0;
}
