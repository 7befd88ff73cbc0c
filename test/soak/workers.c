#include "workers.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "blocks.h"
#include "total.h"

enum {
    OWN_PLACES = 1024,    /* for blocks of one thread and of those that come after it */
    SHARED_PLACES = 4096, /* for blocks of all */
    LIFE = 1 << 17,       /* calls of a thread, on average */
    FORK_EVERY = 4 << 20, /* calls, on average */
    PATIENCE = 120,       /* seconds, then the child of a fork is stuck */
};

struct seat {
    pthread_t thread;
    uint64_t random;
    unsigned long calls, calls_to_make; /* of the thread that sits here */
    bool taken;
    atomic_bool ended;
    void *blocks[OWN_PLACES];
};

static struct seat seats[THREADS];
static _Atomic(void *) shared_blocks[SHARED_PLACES];
static pthread_mutex_t ends_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t a_thread_ended = PTHREAD_COND_INITIALIZER;
static int ends; /* not yet looked at */
static unsigned long ended_threads;
static atomic_ulong forks;

/* ---- A thread ---- */

static void use_own_place(struct seat *seat)
{
    void **block = &seat->blocks[next_random(&seat->random) % OWN_PLACES];
    if (!*block) {
        *block = make_block(&seat->random);
    } else if (next_random(&seat->random) % 4 == 0) {
        *block = resize_block(*block, &seat->random);
    } else {
        release_block(*block, &seat->random);
        *block = NULL;
    }
    seat->calls++;
}

/* Leaves a block, or nothing, and frees what was there, which another thread made. */
static void use_shared_place(struct seat *seat)
{
    _Atomic(void *) *place = &shared_blocks[next_random(&seat->random) % SHARED_PLACES];
    void *mine = NULL;
    if (next_random(&seat->random) % 2) {
        mine = make_block(&seat->random);
        seat->calls++;
    }
    void *theirs = atomic_exchange_explicit(place, mine, memory_order_acq_rel);
    if (theirs) {
        release_block(theirs, &seat->random);
        seat->calls++;
    }
}

static void release_blocks_of(struct seat *seat, uint64_t *random)
{
    for (int i = 0; i < OWN_PLACES; i++)
        if (seat->blocks[i]) {
            release_block(seat->blocks[i], random);
            seat->blocks[i] = NULL;
        }
}

static size_t size_of_blocks_of(const struct seat *seat)
{
    size_t size = 0;
    for (int i = 0; i < OWN_PLACES; i++)
        size += zmalloc_size(seat->blocks[i]);
    return size;
}

/* The other threads were in the middle of something, and are not there any more. */
static void live_in_child(struct seat *seat)
{
    alarm(PATIENCE);
    size_t before = zmalloc_used_memory();
    size_t own = size_of_blocks_of(seat);
    for (int i = 0; i < 1000; i++)
        use_own_place(seat);
    require_total(before - own + size_of_blocks_of(seat), "in the child of a fork");
    release_blocks_of(seat, &seat->random);
    require_total(before - own, "in the child of a fork, with its blocks freed");
}

static void fork_and_wait(struct seat *seat)
{
    int status;
    pid_t child = fork();
    require(child != -1, "fork: %s", strerror(errno));
    if (child == 0) {
        live_in_child(seat);
        _exit(0);
    }
    while (waitpid(child, &status, 0) != child)
        require(errno == EINTR, "waitpid: %s", strerror(errno));
    require(status == 0, "the child of a fork ended with wait status %#x", (unsigned)status);
    atomic_fetch_add(&forks, 1);
}

/* Under the sanitizers the child of a fork cannot go on. */
static bool forks_now(uint64_t random)
{
    bool sanitized = UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER || UNDER_THREAD_SANITIZER;
    return random % FORK_EVERY == 0 && !sanitized;
}

static void *live(void *argument)
{
    struct seat *seat = argument;
    while (seat->calls < seat->calls_to_make) {
        uint64_t what = next_random(&seat->random);
        if (forks_now(what))
            fork_and_wait(seat);
        what % 8 == 1 ? use_shared_place(seat) : use_own_place(seat);
    }
    atomic_store(&seat->ended, true);
    pthread_mutex_lock(&ends_lock);
    ends++;
    pthread_cond_signal(&a_thread_ended);
    pthread_mutex_unlock(&ends_lock);
    return NULL;
}

/* ---- All of them ---- */

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* At most `left` calls; returns how many. */
static unsigned long sit_down(struct seat *seat, unsigned long long left, uint64_t *random)
{
    unsigned long life = LIFE / 2 + next_random(random) % LIFE;
    seat->calls = 0;
    seat->calls_to_make = life < left ? life : (unsigned long)left;
    seat->random = next_random(random) | 1;
    seat->taken = true;
    atomic_store(&seat->ended, false);
    int error = pthread_create(&seat->thread, NULL, live, seat);
    require(error == 0, "pthread_create: %s", strerror(error));
    return seat->calls_to_make;
}

static unsigned long stand_up(struct seat *seat)
{
    pthread_join(seat->thread, NULL);
    seat->taken = false;
    ended_threads++;
    return seat->calls;
}

/* Until a thread has ended; looks up every few milliseconds. */
static void wait_for_an_end(observer *observe)
{
    struct timespec until;
    bool ended;
    do {
        observe();
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 5000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_mutex_lock(&ends_lock);
        if (ends == 0)
            pthread_cond_timedwait(&a_thread_ended, &ends_lock, &until);
        ended = ends > 0;
        ends -= ended;
        pthread_mutex_unlock(&ends_lock);
    } while (!ended);
}

unsigned long long work(unsigned long long calls, double deadline, uint64_t *random,
                        observer *observe)
{
    unsigned long long given = 0, made = 0;
    int sitting = 0;
    do {
        for (int i = 0; i < THREADS; i++) {
            if (seats[i].taken && atomic_load(&seats[i].ended)) {
                made += stand_up(&seats[i]);
                sitting--;
            }
            if (!seats[i].taken && given < calls && seconds_now() < deadline) {
                given += sit_down(&seats[i], calls - given, random);
                sitting++;
            }
        }
        if (sitting > 0)
            wait_for_an_end(observe);
    } while (sitting > 0);
    return made;
}

unsigned long threads_that_ended(void)
{
    return ended_threads;
}

unsigned long forks_made(void)
{
    return atomic_load(&forks);
}

size_t size_of_all_blocks(void)
{
    size_t size = 0;
    for (int i = 0; i < THREADS; i++)
        size += size_of_blocks_of(&seats[i]);
    for (int i = 0; i < SHARED_PLACES; i++)
        size += zmalloc_size(atomic_load(&shared_blocks[i]));
    return size;
}

void free_all_blocks(uint64_t *random)
{
    for (int i = 0; i < THREADS; i++)
        release_blocks_of(&seats[i], random);
    for (int i = 0; i < SHARED_PLACES; i++) {
        void *block = atomic_exchange(&shared_blocks[i], NULL);
        if (block)
            release_block(block, random);
    }
}

/* A thread holds one block that is in no place, or two while one moves. */
size_t most_bytes(void)
{
    size_t blocks = THREADS * (OWN_PLACES + 2) + SHARED_PLACES, each = 2 * LARGEST_BLOCK;
    return blocks > SIZE_MAX / 2 / each ? SIZE_MAX / 2 : blocks * each;
}
