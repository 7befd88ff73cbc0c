/* The thread counter from inside: allowances, and a reader that is stopped in the middle. */
#include <pthread.h>
#include <stdbool.h>

#include "counter.h"
#include "counter/shared.h"
#include "fast_path.h"
#include "limit.h"

/* What other threads do while a reader is stopped: between its two passes, or after both. */
static void (*while_stopped)(void), (*after_sum)(void);
static int passes;

static size_t sum_and_stop(size_t (*read)(const struct zm_slot *slot))
{
    size_t sum = zm_sum_slots(read);
    passes++;
    if (while_stopped)
        while_stopped();
    return sum;
}

/* A thread stopped between its loads of two words, while others turn that much over. */
static size_t turned_over;

static size_t bound_when_torn(void)
{
    return zm_upper_bound() + turned_over;
}

size_t sum_at_once(void);

#define zm_sum_slots sum_and_stop
#define zm_upper_bound bound_when_torn
#define zm_sum sum_at_once
#include "counter/read.c" /* the statics are what is tested */
#undef zm_sum_slots
#undef zm_upper_bound
#undef zm_sum

size_t zm_sum(void)
{
    size_t total = sum_at_once();
    void (*stopped)(void) = after_sum;
    after_sum = NULL;
    if (stopped)
        stopped();
    return total;
}

#include <unistd.h>

#include "../barrier.h"
#include "common.h"

/* In slow_path.c and fast_path.c. */
_Thread_local bool zm_allocator_knows_thread ZM_TLS_MODEL;

void zm_update_fast_limit(void)
{
}

static void charge(size_t size)
{
    if (zm_add(size) == ZM_LOOK)
        zm_look();
}

static void run_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, body, argument), 0);
    pthread_join(thread, NULL);
}

/* What a thread may allocate without a look, and what all of them share, is given up at its end. */
static void *charge_often(void *size)
{
    for (int i = 0; i < 100; i++)
        charge(*(size_t *)size);
    return NULL;
}

Test(allowance, an_allowance_ends_with_its_thread)
{
    struct zm_margins margins;
    size_t size = 80;
    zmalloc_set_hard_limit((size_t)1 << 24);
    for (int i = 0; i < 1000; i++)
        run_thread(charge_often, &size);
    cr_assert_eq(zm_total(), 1000 * 100 * size);
    cr_assert_eq(zmalloc_charge(((size_t)1 << 24) - zm_total()), 0);
    cr_assert_eq(zmalloc_charge(1), -1);
    zm_get_margins(zm_total(), &margins);
    cr_assert_eq(margins.upper, (size_t)1 << 24);
}

/* Threads whose only call is so late that their end is not noticed keep no room. */
Test(allowance, a_first_call_leaves_no_allowance)
{
    size_t size = 80;
    zmalloc_set_hard_limit((size_t)1 << 20);
    charge(size);
    cr_assert_eq(zm_own.left, 0);
    cr_assert_eq(zmalloc_charge(((size_t)1 << 20) - size), 0);
    cr_assert_eq(zmalloc_charge(1), -1);
}

/* ---- A reader that is stopped ---- */

static int stops, stops_of_use;

/* As other threads do that have no allowance left: each looks. */
static void turn_over(void)
{
    if (stops++ >= stops_of_use)
        return;
    void (*stopped)(void) = while_stopped;
    while_stopped = NULL;
    for (int i = 0; i < 1000; i++) {
        zmalloc_charge((size_t)64 << 10);
        zmalloc_discharge((size_t)64 << 10);
    }
    while_stopped = stopped;
}

static size_t read_while_others_turn_over(int times)
{
    stops = 0;
    stops_of_use = times;
    while_stopped = turn_over;
    size_t total = zm_sum();
    while_stopped = NULL;
    return total;
}

/* 62 MiB are turned over each time. */
Test(allowance, a_reader_stopped_in_the_middle_tells_what_is_in_use)
{
    cr_assert_eq(zmalloc_charge((size_t)1 << 20), 0);
    for (int times = 1; times <= 2 * (ZM_READ_TRIES - 1); times++)
        cr_assert_eq(read_while_others_turn_over(times), (size_t)1 << 20, "stopped %d times",
                     times);
}

Test(allowance, a_reader_stopped_again_and_again_tells_no_more_than_the_limit)
{
    zmalloc_set_hard_limit((size_t)2 << 20);
    cr_assert_eq(zmalloc_charge((size_t)1 << 20), 0);
    size_t total = read_while_others_turn_over(1000);
    cr_assert(total >= (size_t)1 << 20 && total <= (size_t)2 << 20, "%zu", total);
}

/* ---- A thread that is stopped in its look ---- */

static int told;

static void note_passed(size_t used, void *context)
{
    (void)used;
    (void)context;
    told++;
}

Test(allowance, a_bound_that_is_torn_puts_no_look_off)
{
    const size_t mib = (size_t)1 << 20;
    charge(80);
    zmalloc_set_soft_limit(16 * mib, note_passed, NULL);
    turned_over = 1024 * mib;
    charge(80);
    turned_over = 0;
    charge(15 * mib);
    cr_assert_eq(told, 0);
    for (int i = 0; i < 100; i++)
        charge(mib / 16);
    cr_assert_eq(told, 1);
    cr_assert_geq(zmalloc_get_peak_memory(), 15 * mib + 100 * (mib / 16));
}

static void come_back_below_and_pass(void)
{
    zm_subtract(2000);
    zm_look();
    charge(4000);
}

/* It found the total below; meanwhile another armed and passed the soft limit. */
Test(allowance, one_crossing_is_told_once)
{
    zmalloc_set_soft_limit(100000, note_passed, NULL);
    charge(101000);
    cr_assert_eq(told, 1);
    zm_subtract(2000);
    after_sum = come_back_below_and_pass;
    zm_look();
    cr_assert_null(after_sum);
    cr_assert_eq(told, 2);
    for (int i = 0; i < 10; i++)
        charge(80000);
    cr_assert_eq(told, 2);
}

static void shrink_and_reset(void)
{
    zm_subtract(1 << 20);
    zmalloc_reset_peak_memory();
}

Test(allowance, a_sum_taken_before_the_reset_does_not_raise_the_peak)
{
    charge(1 << 20);
    for (int i = 0; i < 30; i++)
        charge(10); /* some of it without a look */
    after_sum = shrink_and_reset;
    zm_total();
    cr_assert_eq(zmalloc_get_peak_memory(), 300);
}

/* By number, not by value: the peak may be higher after the reset than it was before. */
Test(allowance, a_total_of_before_the_reset_does_not_raise_a_higher_peak)
{
    charge(100);
    size_t resets = zm_count_resets(&zm_peak);
    charge(20);
    zmalloc_reset_peak_memory();
    cr_assert_eq(zmalloc_get_peak_memory(), 120);
    zm_raise(&zm_peak, resets, 300);
    cr_assert_eq(zmalloc_get_peak_memory(), 120);
    zm_raise(&zm_peak, zm_count_resets(&zm_peak), 300);
    cr_assert_eq(zmalloc_get_peak_memory(), 300);
}

static void charge_more(void)
{
    charge(1 << 20);
}

Test(allowance, what_is_allocated_during_a_reset_is_in_the_peak)
{
    charge(100);
    after_sum = charge_more;
    zmalloc_reset_peak_memory();
    cr_assert_null(after_sum);
    zm_subtract(1 << 20);
    cr_assert_geq(zmalloc_get_peak_memory(), 100 + (1 << 20));
}

/* ---- Idle threads ---- */

enum { IDLE = 1000 };
static struct barrier all_here;

static void *call_once_and_idle(void *unused)
{
    charge(16);
    barrier_wait(&all_here);
    pause();
    return unused;
}

/* Sums are as rare as the slots that they add up are many. */
Test(allowance, a_look_costs_the_same_with_idle_threads, .disabled = ZM_TEST_EMULATED)
{
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 128 << 10);
    barrier_init(&all_here, IDLE + 1);
    for (int i = 0; i < IDLE; i++) {
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, &small, call_once_and_idle, NULL), 0);
    }
    barrier_wait(&all_here);
    for (int round = 0; round < 2; round++) {
        passes = 0;
        for (int i = 0; i < 50000; i++) {
            charge(1000);
            zm_subtract(1000);
        }
        /* 48 MiB: some 1,500 looks, and two passes for each sum. */
        cr_assert_leq(passes, 600, "%d passes over %d slots", passes, IDLE);
        zmalloc_set_soft_limit(zm_sum() + 2000, note_passed, NULL);
    }
}
