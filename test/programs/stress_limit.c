/* Many threads at the hard limit, while a watcher reads the total: never above the limit, never
 * below zero, the peak never below what was told. Then what can be used of the limit when threads
 * are idle, have ended, or called once in their last destructor.
 *
 * Arguments: how many rounds, and for how many seconds at least; of further ones the last counts.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "../barrier.h"
#include "total.h"

enum { THREADS = 8, BLOCKS = 4096, CROWD = 100 };

static const size_t limit = (size_t)8 << 20;
static atomic_bool is_over;
static atomic_size_t refused, passed, highest;
static size_t start;
static time_t end;

static void note_passed(size_t used, void *context)
{
    (void)context;
    require(used <= limit, "passed at %zu", used);
    atomic_fetch_add(&passed, 1);
}

static void *watch(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over)) {
        size_t used = zmalloc_used_memory(), peak = zmalloc_get_peak_memory();
        require(used <= limit, "a total of %zu above the limit of %zu", used, limit);
        require(peak >= used && peak <= limit, "a peak of %zu, and %zu was told", peak, used);
        if (used > atomic_load(&highest))
            atomic_store(&highest, used);
    }
    return NULL;
}

/* Blocks lie in places that all threads share: one frees what another allocated. */
static _Atomic(void *) places[BLOCKS];

static void *allocate_somehow(uint64_t random, void *old)
{
    size_t n = random >> 20 & 0x7fff;
    if ((random & 0xff) == 0)
        n *= 16;
    switch (random >> 8 & 7) {
    case 0:
        return ztrycalloc(n);
    case 1:
        return ztryaligned_alloc(256, n);
    case 4:
        return zmalloc_no_tcache(n);
    case 2:
    case 3: {
        void *moved = old ? ztryrealloc(old, n + 1) : ztrymalloc(n);
        return moved ? moved : old;
    }
    case 5:
        if (zmalloc_charge(n) == 0)
            zmalloc_discharge(n);
        return ztrymalloc(n);
    default:
        return ztrymalloc(n);
    }
}

static void tell_nobody(size_t n)
{
    (void)n;
}

struct worker {
    pthread_t thread;
    unsigned long rounds;
    uint64_t random;
};

static void *work(void *argument)
{
    struct worker *self = argument;
    for (unsigned long i = 0; i < self->rounds || time(NULL) < end; i++) {
        uint64_t random = next_random(&self->random);
        void *old = atomic_exchange(&places[random >> 36 & (BLOCKS - 1)], NULL);
        void *block = NULL;
        bool resizes = false;
        if (random >> 16 & 1) {
            resizes = old && (random >> 9 & 3) == 1;
            block = allocate_somehow(random, old);
            if (!block)
                atomic_fetch_add(&refused, 1);
        }
        if (!resizes)
            zfree(old);
        zfree(atomic_exchange(&places[next_random(&self->random) >> 30 & (BLOCKS - 1)], block));
    }
    return NULL;
}

static void release_places(void)
{
    for (int i = 0; i < BLOCKS; i++)
        zfree(atomic_exchange(&places[i], NULL));
}

static void churn(unsigned long rounds)
{
    struct worker workers[THREADS];
    pthread_t watcher;
    pthread_create(&watcher, NULL, watch, NULL);
    for (int i = 0; i < THREADS; i++) {
        workers[i].rounds = rounds;
        workers[i].random = (uint64_t)i + 1;
        require(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0, "no thread");
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    atomic_store(&is_over, true);
    pthread_join(watcher, NULL);
    release_places();
}

/* How much can be charged now, a kilobyte at a time; all of it is discharged. */
static size_t chargeable(void)
{
    size_t n = 0;
    while (zmalloc_charge(1024) == 0)
        n += 1024;
    zmalloc_discharge(n);
    return n;
}

static struct barrier all_here, all_idle, may_go;
static size_t left_to_one;

/* The first of them finds out what the others leave it. */
static void *use_and_idle(void *number)
{
    uint64_t random = (size_t)number + 1;
    for (int i = 0; i < 3000; i++) {
        size_t place = next_random(&random) & (BLOCKS - 1);
        zfree(atomic_exchange(&places[place], ztrymalloc(next_random(&random) & 2047)));
    }
    barrier_wait(&all_here);
    barrier_wait(&all_idle);
    if (number == NULL)
        left_to_one = chargeable();
    barrier_wait(&may_go);
    return NULL;
}

static void idle_threads_leave_63_of_64(void)
{
    pthread_t crowd[CROWD];
    barrier_init(&all_here, CROWD + 1);
    barrier_init(&all_idle, CROWD + 1);
    barrier_init(&may_go, CROWD + 1);
    for (size_t i = 0; i < CROWD; i++)
        require(pthread_create(&crowd[i], NULL, use_and_idle, (void *)i) == 0, "no thread");
    barrier_wait(&all_here);
    release_places();
    barrier_wait(&all_idle);
    barrier_wait(&may_go);
    size_t can = left_to_one;
    require(can + start + 1024 >= limit / 64 * 63, "only %zu of %zu can be used", can, limit);
    fprintf(stderr, "with %d idle threads %zu of %zu could not be used\n", CROWD,
            limit - start - can, limit);
    for (int i = 0; i < CROWD; i++)
        pthread_join(crowd[i], NULL);
}

#if !UNDER_THREAD_SANITIZER

static pthread_key_t late_key;

static void call_in_the_last_round(void *rounds)
{
    if ((size_t)rounds < 4) {
        pthread_setspecific(late_key, (void *)((size_t)rounds + 1));
        return;
    }
    zfree(ztrymalloc(100));
}

static void *end_late(void *unused)
{
    (void)unused;
    pthread_setspecific(late_key, (void *)1);
    return NULL;
}

static void late_calls_lose_nothing(unsigned long threads)
{
    pthread_key_create(&late_key, call_in_the_last_round);
    for (unsigned long i = 0; i < threads; i++) {
        pthread_t thread;
        require(pthread_create(&thread, NULL, end_late, NULL) == 0, "no thread");
        pthread_join(thread, NULL);
    }
    size_t can = chargeable();
    require(can + start + 1024 >= limit / 64 * 63, "only %zu of %zu can be used after %lu threads",
            can, limit, threads);
}

#endif

/* One thread allocates what the other frees, and next to nothing is in use: a reader that comes to
 * the second one later than to the first would find less than nothing. */
static void *allocate_for_the_other(void *rounds)
{
    for (size_t i = 0; i < (size_t)rounds; i++)
        zfree(atomic_exchange(&places[0], ztrymalloc(500)));
    return NULL;
}

static void *release_of_another(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over))
        zfree(atomic_exchange(&places[0], NULL));
    return NULL;
}

static void nothing_is_never_less(unsigned long rounds)
{
    pthread_t threads[2];
    atomic_store(&is_over, false);
    pthread_create(&threads[0], NULL, allocate_for_the_other, (void *)(rounds * 20));
    pthread_create(&threads[1], NULL, release_of_another, NULL);
    for (unsigned long i = 0; i < rounds * 5; i++) {
        size_t used = zmalloc_used_memory();
        require(used >= start && used <= start + 200000, "a total of %zu, of %zu", used, start);
    }
    pthread_join(threads[0], NULL);
    atomic_store(&is_over, true);
    pthread_join(threads[1], NULL);
    zfree(atomic_exchange(&places[0], NULL));
}

int main(int argc, char **argv)
{
    unsigned long rounds = iterations(argc, argv, 40000);
    if (argc > 2)
        end = time(NULL) + (time_t)argument(argc, argv, argc - 1, 1);
    zmalloc_set_oom_handler(tell_nobody);
    zmalloc_set_hard_limit(limit);
    zmalloc_set_soft_limit(limit / 2, note_passed, NULL);
    start = zmalloc_used_memory();
    churn(rounds);
    require_total(start, "when all is freed");
    require(atomic_load(&refused) > 0 || rounds < 10000, "nothing was refused");
    require(atomic_load(&passed) > 0 || rounds < 10000, "the soft limit was not passed");
    fprintf(stderr, "highest total read %zu of %zu, %zu refused, soft limit passed %zu times\n",
            atomic_load(&highest), limit, atomic_load(&refused), atomic_load(&passed));
    zmalloc_set_soft_limit(0, NULL, NULL);
    idle_threads_leave_63_of_64();
    nothing_is_never_less(rounds);
#if !UNDER_THREAD_SANITIZER /* which does not live so long as the last destructor */
    late_calls_lose_nothing(rounds / 10);
#endif
    require_total(start, "at the end");
    size_t can = chargeable();
    require(can + start + 1024 > limit, "alone, only %zu of %zu can be used", can, limit);
    return 0;
}
