/* The thread accounting from inside: slots are handed on, never lost, and read no more than
 * needed. What a fork does to them is in forks.c. */
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

#include <unistd.h>

#include "crowd.h"

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
    discharge_block(size);
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
    discharge_block(2);
    cr_assert_eq(zm_total(), 3 * sizeof(long));
}

Test(slots, getting_a_slot_leaves_errno_alone)
{
    errno = EDOM;
    zm_charge(8);
    cr_assert_eq(errno, EDOM);
}
