/* Threads that free, resize and check each other's blocks, while another thread reads the total all
 * the time. Rules: the total is exact whenever the threads stand still, and never wraps below zero
 * while they run.
 *
 * Arguments: rounds a thread, seed. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../barrier.h"
#include "checked_block.h"

enum { THREADS = 16, MAILBOXES = 48 };

struct worker {
    pthread_t thread;
    unsigned index;
    unsigned long rounds;
    uint64_t random;
};

static _Atomic(struct checked_block *) mailboxes[MAILBOXES];
static struct barrier first_block_made, between_phases;
static atomic_bool workers_done;
static unsigned long totals_read;

/* Everybody makes, and frees what another one made. */
static void exchange(struct worker *worker)
{
    struct checked_block *mine = make_checked(&worker->random);
    unsigned where = next_random(&worker->random) % MAILBOXES;
    struct checked_block *theirs =
        atomic_exchange_explicit(&mailboxes[where], mine, memory_order_acq_rel);
    if (!theirs)
        return;
    check_contents(theirs);
    if (next_random(&worker->random) % 4 == 0)
        resize_checked(theirs, &worker->random);
    release_checked(theirs, &worker->random);
}

static bool put(unsigned where, struct checked_block *checked)
{
    struct checked_block *empty = NULL;
    return atomic_compare_exchange_strong_explicit(&mailboxes[where], &empty, checked,
                                                   memory_order_release, memory_order_relaxed);
}

/* The first half of the threads only makes and the second only frees. A reader that met the makers'
 * counts first and was then held up finds more bytes freed than made: that is when a total that is
 * not held at zero wraps. */
static void make_for_others(struct worker *worker)
{
    struct checked_block *mine = make_checked(&worker->random);
    unsigned where = next_random(&worker->random) % MAILBOXES;
    for (unsigned tries = 1; !put(where, mine); tries++) {
        where = (where + 1) % MAILBOXES;
        if (tries % MAILBOXES == 0)
            sched_yield();
    }
}

static void release_others(struct worker *worker)
{
    struct checked_block *theirs = NULL;
    unsigned where = next_random(&worker->random) % MAILBOXES;
    for (unsigned tries = 1; !theirs; tries++) {
        where = (where + 1) % MAILBOXES;
        theirs = atomic_exchange_explicit(&mailboxes[where], NULL, memory_order_acquire);
        if (!theirs && tries % MAILBOXES == 0)
            sched_yield();
    }
    check_contents(theirs);
    release_checked(theirs, &worker->random);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    zfree(zmalloc(1));
    barrier_wait(&first_block_made);
    barrier_wait(&between_phases);
    for (unsigned long i = 0; i < worker->rounds; i++)
        exchange(worker);
    barrier_wait(&between_phases);
    for (unsigned long i = 0; i < worker->rounds; i++)
        worker->index < THREADS / 2 ? make_for_others(worker) : release_others(worker);
    return NULL;
}

static void *read_total(void *unused)
{
    (void)unused;
    while (!atomic_load(&workers_done)) {
        size_t used = zmalloc_used_memory();
        require(used <= SIZE_MAX / 2, "the total wrapped below zero: it reads %zu", used);
        totals_read++;
    }
    return NULL;
}

static void require_exact_with_blocks_live(size_t before)
{
    size_t live = 0;
    for (unsigned i = 0; i < MAILBOXES; i++)
        live += mailboxes[i] ? checked_size(mailboxes[i]) : 0;
    require_total(before + live, "after the exchange, with the mailboxes' blocks live");
}

static void empty_mailboxes(uint64_t *random)
{
    for (unsigned i = 0; i < MAILBOXES; i++)
        if (mailboxes[i]) {
            check_contents(mailboxes[i]);
            release_checked(mailboxes[i], random);
        }
}

int main(int argc, char **argv)
{
    unsigned long rounds = iterations(argc, argv, 10000);
    uint64_t seed = argument(argc, argv, 2, 20);
    static struct worker workers[THREADS];
    size_t before = zmalloc_used_memory();

    barrier_init(&first_block_made, 2);
    barrier_init(&between_phases, THREADS);
    /* One after the other, so that the threads come to be counted in this order. */
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.index = i, .rounds = rounds, .random = seed + i};
        require(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0, "no thread");
        barrier_wait(&first_block_made);
    }
    pthread_t reader;
    require(pthread_create(&reader, NULL, read_total, NULL) == 0, "no thread");
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    atomic_store(&workers_done, true);
    pthread_join(reader, NULL);

    require_exact_with_blocks_live(before);
    empty_mailboxes(&seed);
    require_total(before, "after every block was freed");
    printf("%d threads, %lu rounds, total read %lu times\n", THREADS, 2 * rounds, totals_read);
    return 0;
}
