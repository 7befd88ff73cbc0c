/* The thread accounting from inside: slots are handed on, never lost, and read no more than
 * needed. */
#include <errno.h>
#include <pthread.h>

#include <stdbool.h>
#include <sys/mman.h>

/* As a C library might whose pthread_setspecific goes by way of a malloc. */
static bool setspecific_fails;
static int noisy_setspecific(pthread_key_t key, const void *value)
{
    errno = ENOMEM;
    return setspecific_fails ? ENOMEM : pthread_setspecific(key, value);
}

/* How many pages are mapped, and what happens on another thread just before one is. */
static int mapped;
static void (*before_mapping)(void);

static void *counted_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
    if (before_mapping)
        before_mapping();
    mapped++;
    return mmap(at, n, protection, flags, fd, offset);
}

static int counted_munmap(void *at, size_t n)
{
    mapped--;
    return munmap(at, n);
}

#define pthread_setspecific noisy_setspecific
#define mmap counted_mmap
#define munmap counted_munmap
#include "counter/slots.c" /* the statics are what is tested */
#undef pthread_setspecific
#undef mmap
#undef munmap

#include <sys/wait.h>
#include <unistd.h>

#include "../barrier.h"
#include "common.h"
#include "counter.h"
#include "limit.h"

/* In zmalloc.c. */
void zm_update_fast_limit(void)
{
}

static void zm_charge(size_t size)
{
    if (zm_add(zm_round_to_long(size)) == ZM_LOOK)
        zm_look();
}

static void zm_discharge(size_t size)
{
    zm_subtract(zm_round_to_long(size));
}

static unsigned slots_in_use(void)
{
    unsigned count = 0;
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk; chunk = chunk->next)
        count += chunk->high_water;
    return count;
}

static unsigned taken_slots(void)
{
    unsigned count = 0;
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk; chunk = chunk->next)
        for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++)
            count += chunk->slots[i].owner != 0;
    return count;
}

static void *charge_once(void *size)
{
    zm_charge(*(size_t *)size);
    return NULL;
}

static void run_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, body, argument), 0);
    pthread_join(thread, NULL);
}

Test(slots, a_slot_is_one_cache_line)
{
    cr_assert_eq(sizeof(struct zm_slot), ZM_CACHE_LINE);
    cr_assert_eq(sizeof(struct zm_chunk), 4096);
    cr_assert_eq((uintptr_t)zm_first_chunk.slots % ZM_CACHE_LINE, 0);
}

Test(slots, threads_that_follow_each_other_share_one_slot_and_lose_nothing)
{
    size_t size = sizeof(long) + 2;
    for (int i = 0; i < 5000; i++)
        run_thread(charge_once, &size);
    cr_assert_eq(zm_total(), 5000 * 2 * sizeof(long));
    cr_assert_leq(slots_in_use(), 2);
    cr_assert_eq(taken_slots(), 0);
}

enum { CROWD = 200 };
static struct barrier all_here, may_go;

static void *charge_and_wait(void *size)
{
    zm_charge(*(size_t *)size);
    /* Enough looks for an allowance. */
    for (int i = 0; i < 5; i++) {
        zm_charge(*(size_t *)size);
        zm_discharge(*(size_t *)size);
    }
    barrier_wait(&all_here);
    barrier_wait(&may_go);
    zm_discharge(*(size_t *)size);
    return NULL;
}

static pthread_t crowd[CROWD];

static void gather_crowd(size_t *size)
{
    barrier_init(&all_here, CROWD + 1);
    barrier_init(&may_go, CROWD + 1);
    for (int i = 0; i < CROWD; i++)
        cr_assert_eq(pthread_create(&crowd[i], NULL, charge_and_wait, size), 0);
    barrier_wait(&all_here);
}

static void dismiss_crowd(void)
{
    barrier_wait(&may_go);
    for (int i = 0; i < CROWD; i++)
        pthread_join(crowd[i], NULL);
}

Test(slots, a_crowd_gets_more_chunks_and_the_next_crowd_the_same_slots)
{
    size_t size = 80;
    for (int round = 0; round < 3; round++) {
        gather_crowd(&size);
        cr_assert_eq(zm_total(), CROWD * size);
        cr_assert_eq(taken_slots(), CROWD);
        dismiss_crowd();
        cr_assert_eq(zm_total(), 0);
        cr_assert_eq(taken_slots(), 0);
        cr_assert_leq(slots_in_use(), CROWD);
    }
}

Test(slots, a_fork_frees_the_slots_of_threads_that_do_not_live_in_the_child)
{
    size_t size = 80;
    zm_charge(size);
    gather_crowd(&size);
    pid_t child = fork();
    if (child == 0)
        _exit(taken_slots() == 1 && zm_own.slot->owner == getpid()
                      && zm_total() == (CROWD + 1) * size
                  ? 0
                  : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    cr_assert_eq(taken_slots(), CROWD + 1);
    dismiss_crowd();
    cr_assert_eq(zm_total(), size);
}

/* A thread that takes a slot and keeps it to the end of the process. */
struct owner {
    struct barrier has_slot, never;
    struct zm_slot *slot;
};

static void *take_and_keep(void *owner)
{
    struct owner *own = owner;
    zm_charge(80);
    own->slot = zm_own.slot;
    barrier_wait(&own->has_slot);
    barrier_wait(&own->never);
    return NULL;
}

static void start_owner(struct owner *owner)
{
    pthread_t thread;
    barrier_init(&owner->has_slot, 2);
    barrier_init(&owner->never, 2);
    cr_assert_eq(pthread_create(&thread, NULL, take_and_keep, owner), 0);
    barrier_wait(&owner->has_slot);
}

static struct owner early, late;

static void start_in_child(void)
{
    start_owner(&early);
}

/* The program's handler was registered before the library's, and runs before it. */
Test(slots, a_thread_that_a_fork_handler_started_keeps_its_slot, .disabled = ZM_TEST_EMULATED)
{
    pthread_atfork(NULL, NULL, start_in_child);
    zm_charge(80);
    pid_t child = fork();
    if (child == 0) {
        bool is_taken = early.slot->owner == getpid();
        start_owner(&late);
        _exit(is_taken && late.slot != early.slot && taken_slots() == 3 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
}

Test(slots, a_thread_that_cannot_announce_its_end_keeps_no_slot)
{
    size_t size = 80;
    setspecific_fails = true;
    run_thread(charge_once, &size);
    zm_charge(size);
    cr_assert_eq(taken_slots(), 0);
    cr_assert_null(zm_own.slot);
    cr_assert_eq(zm_total(), 2 * size);
}

static struct zm_chunk chunk_of_another;

static void win_the_race(void)
{
    struct zm_chunk *last = &zm_first_chunk;
    while (last->next)
        last = last->next;
    before_mapping = NULL;
    last->next = &chunk_of_another;
}

Test(slots, the_loser_of_the_race_for_a_chunk_unmaps_its_page)
{
    for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++)
        zm_first_chunk.slots[i].owner = getpid();
    before_mapping = win_the_race;
    zm_charge(80);
    cr_assert_eq(mapped, 0);
    cr_assert_eq(zm_first_chunk.next, &chunk_of_another);
    cr_assert_eq(zm_own.slot, &chunk_of_another.slots[0]);
}

static void charge_more(void *size)
{
    zm_charge(*(size_t *)size);
}

static pthread_key_t late_key;

/* POSIX runs destructors in no given order, but a value set in one runs another round. */
static void charge_much_later(void *size)
{
    static _Thread_local int rounds;
    zm_charge(*(size_t *)size);
    if (++rounds < 3)
        pthread_setspecific(late_key, size);
}

static void *charge_late(void *size)
{
    pthread_setspecific(late_key, size);
    charge_more(size);
    return NULL;
}

Test(slots, calls_after_the_slot_went_back_are_counted)
{
    size_t size = 80;
    cr_assert_eq(pthread_key_create(&late_key, charge_much_later), 0);
    run_thread(charge_late, &size);
    cr_assert_eq(zm_total(), 4 * size);
    cr_assert_eq(taken_slots(), 0);
    cr_assert_gt(zm_shared_slot.allocated, 0);
}

static void *charge_at_the_end_only(void *size)
{
    pthread_setspecific(late_key, size);
    return NULL;
}

Test(slots, threads_whose_first_call_is_at_their_end_share_one_slot)
{
    size_t size = 80;
    cr_assert_eq(pthread_key_create(&late_key, charge_more), 0);
    for (int i = 0; i < 100; i++)
        run_thread(charge_at_the_end_only, &size);
    cr_assert_eq(zm_total(), 100 * size);
    cr_assert_eq(slots_in_use(), 1);
    cr_assert_eq(taken_slots(), 0);
}

Test(slots, without_a_slot_to_be_had_the_shared_one_serves)
{
    zm_sum();
    zm_once(&once, set_up);
    exit_key_works = false;
    size_t size = 80;
    zm_charge(size);
    run_thread(charge_once, &size);
    cr_assert_eq(slots_in_use(), 0);
    cr_assert_eq(zm_total(), 2 * size);
}

Test(slots, a_free_on_another_thread_makes_a_slot_negative_and_the_total_right)
{
    size_t size = 80;
    zm_charge(size);
    zm_charge(size);
    zm_discharge(size);
    run_thread(charge_once, &size);
    cr_assert_eq(zm_total(), 2 * size);
}

Test(slots, sizes_are_rounded_to_longs)
{
    zm_charge(1);
    cr_assert_eq(zm_total(), sizeof(long));
    zm_charge(sizeof(long));
    cr_assert_eq(zm_total(), 2 * sizeof(long));
    zm_charge(sizeof(long) + 1);
    cr_assert_eq(zm_total(), 4 * sizeof(long));
    zm_discharge(2);
    cr_assert_eq(zm_total(), 3 * sizeof(long));
}

Test(slots, a_fork_gives_the_child_all_the_room)
{
    size_t size = 80;
    zmalloc_set_hard_limit((size_t)1 << 20);
    for (int i = 0; i < 10; i++)
        zm_charge(size);
    gather_crowd(&size);
    pid_t child = fork();
    if (child == 0)
        _exit(zmalloc_charge(((size_t)1 << 20) - zm_total()) == 0 && zmalloc_charge(1) == -1 ? 0
                                                                                             : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    dismiss_crowd();
}

Test(slots, getting_a_slot_leaves_errno_alone)
{
    errno = EDOM;
    zm_charge(8);
    cr_assert_eq(errno, EDOM);
}
