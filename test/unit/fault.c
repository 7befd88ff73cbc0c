/* Allocations that fail on purpose: by which rule, on which thread, how they are counted. */
#include <pthread.h>

#include "common.h"
#include "variants.h"

/* Programs that are already compiled hold these numbers. */
_Static_assert(ZMALLOC_THIS_THREAD == 0 && ZMALLOC_ALL_THREADS == 1, "threads");
_Static_assert(ZMALLOC_FAIL_NONE == 0 && ZMALLOC_FAIL_NTH == 1 && ZMALLOC_FAIL_EVERY == 2
                   && ZMALLOC_FAIL_ABOVE == 3,
               "rules");

/* Which of `count` allocations fail, as a string: '.' passed, 'x' failed. */
static const char *fate_of(int count)
{
    static char fate[32];
    for (int i = 0; i < count; i++) {
        void *block = ztrymalloc(100);
        fate[i] = block ? '.' : 'x';
        zfree(block);
    }
    fate[count] = '\0';
    return fate;
}

Test(fault, nothing_fails_without_a_rule)
{
    cr_assert_str_eq(fate_of(3), "...");
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 0);
    cr_assert_eq(zmalloc_failed(ZMALLOC_ALL_THREADS), 0);
}

Test(fault, the_nth_fails_once)
{
    for (int threads = ZMALLOC_THIS_THREAD; threads <= ZMALLOC_ALL_THREADS; threads++) {
        cr_assert_eq(zmalloc_fail(threads, ZMALLOC_FAIL_NTH, 3), 0);
        cr_assert_str_eq(fate_of(7), "..x....");
        cr_assert_eq(zmalloc_failed(threads), 1);
    }
}

Test(fault, every_nth_fails)
{
    cr_assert_eq(zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 3), 0);
    cr_assert_str_eq(fate_of(8), "..x..x..");
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 2);
    cr_assert_eq(zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 1), 0);
    cr_assert_str_eq(fate_of(4), "xxxx");
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 4, "since the rule was set, not before");
}

Test(fault, each_above_a_size_fails)
{
    static const size_t sizes[] = {0, 1, 16, 100, 5000, 100000};
    for (size_t limit = 0; limit < sizeof sizes / sizeof sizes[0]; limit++) {
        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_ABOVE, sizes[limit]);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            void *block = ztrymalloc(sizes[i]);
            cr_assert_eq(!block, sizes[i] > sizes[limit], "%zu above %zu", sizes[i], sizes[limit]);
            zfree(block);
        }
    }
}

Test(fault, a_rule_ends_and_its_count_stays)
{
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 1);
    cr_assert_str_eq(fate_of(2), "xx");
    cr_assert_eq(zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 77), 0);
    cr_assert_str_eq(fate_of(3), "...");
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 2);
}

Test(fault, a_bad_rule_is_refused_and_the_old_one_stays)
{
    static const struct {
        int threads, rule;
        size_t n;
    } bad[] = {{2, ZMALLOC_FAIL_NTH, 1}, {-1, ZMALLOC_FAIL_NTH, 1}, {0, 4, 1}, {0, -1, 1},
               {0, ZMALLOC_FAIL_NTH, 0}, {0, ZMALLOC_FAIL_EVERY, 0}};
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 2);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        errno = 0;
        cr_assert_eq(zmalloc_fail(bad[i].threads, bad[i].rule, bad[i].n), -1, "case %zu", i);
        cr_assert_eq(errno, EINVAL);
    }
    cr_assert_eq(zmalloc_failed(2), 0);
    cr_assert_str_eq(fate_of(3), ".x.");
}

Test(fault, every_way_to_get_a_block_fails_as_if_there_were_no_memory)
{
    expect_no_oom();
    for (size_t i = 0; i < alloc_call_count; i++) {
        const struct alloc_call *call = &alloc_calls[i];
        size_t before = zmalloc_used_memory();
        oom_calls = errno = 0;
        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 1);
        cr_assert_null(call->allocate(100), "%s", call->name);
        cr_assert_eq(errno, ENOMEM, "%s", call->name);
        cr_assert_eq(oom_calls, call->calls_handler, "%s", call->name);
        cr_assert_eq(!oom_calls || oom_bytes == 100, 1, "%s told %zu", call->name, oom_bytes);
        cr_assert_eq(zmalloc_used_memory(), before, "%s", call->name);

        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 2);
        zfree(call->allocate(100));
        cr_assert_str_eq(fate_of(1), "x", "%s is not counted as one allocation", call->name);
    }
}

Test(fault, a_string_is_not_copied)
{
    expect_no_oom();
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 1);
    cr_assert_null(zstrdup("text"));
    cr_assert_eq(oom_bytes, 5);
}

Test(fault, a_block_that_cannot_be_resized_is_intact)
{
    expect_no_oom();
    size_t usable;
    char *block = zmalloc(100);
    memset(block, 'a', 100);
    size_t before = zmalloc_used_memory();
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 1);
    cr_assert_null(zrealloc(block, 5000));
    cr_assert_eq(oom_calls, 1);
    cr_assert_null(zrealloc_at_least(block, 5000, &usable));
    cr_assert_eq(oom_calls, 2);
    cr_assert_null(ztryrealloc(block, 5000));
    cr_assert_null(ztryrealloc_at_least(block, 5000, &usable));
    cr_assert_eq(oom_calls, 2);
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 4);
    cr_assert_eq(zmalloc_used_memory(), before);
    for (int i = 0; i < 100; i++)
        REQUIRE(block[i] == 'a', "byte %d changed", i);
    zfree(block);
}

Test(fault, what_could_not_be_met_anyway_and_what_frees_is_not_counted)
{
    expect_no_oom();
    void *block = zmalloc(100);
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 1);
    cr_assert_null(ztrymalloc(opaque(SIZE_MAX)));
    cr_assert_null(ztryaligned_alloc(opaque(3), 100));
    cr_assert_null(ztryrealloc(block, 0));
    zfree(NULL);
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 0);
    cr_assert_str_eq(fate_of(2), "x.");
}

static char fate_of_another[32];

static void *on_another_thread(void *unused)
{
    (void)unused;
    strcpy(fate_of_another, fate_of(4));
    return NULL;
}

static void run_another(void)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, on_another_thread, NULL), 0);
    pthread_join(thread, NULL);
}

Test(fault, a_threads_own_rule_leaves_other_threads_alone)
{
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 1);
    run_another();
    cr_assert_str_eq(fate_of_another, "....");
    cr_assert_str_eq(fate_of(1), "x");
}

Test(fault, the_rule_of_all_threads_counts_over_all_of_them)
{
    zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_EVERY, 3);
    cr_assert_str_eq(fate_of(2), "..");
    run_another();
    cr_assert_str_eq(fate_of_another, "x..x");
    cr_assert_eq(zmalloc_failed(ZMALLOC_ALL_THREADS), 2);
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 0);
}

Test(fault, both_rules_count_what_either_fails)
{
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 2);
    zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_EVERY, 3);
    cr_assert_str_eq(fate_of(6), ".xxx.x");
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 3);
    cr_assert_eq(zmalloc_failed(ZMALLOC_ALL_THREADS), 2);
}

/* ---- zmalloc_fail_each ---- */

/* Gets three blocks and gives back what it got; `runs` tells how often. */
static int runs;

static void gets_three(void *context)
{
    (void)context;
    void *blocks[3] = {0};
    for (int i = 0; i < 3 && (i == 0 || blocks[i - 1]); i++)
        blocks[i] = ztrymalloc(100);
    for (int i = 0; i < 3; i++)
        zfree(blocks[i]);
    runs++;
}

Test(fault, each_allocation_fails_in_a_run_of_its_own_until_one_passes_untouched)
{
    for (int threads = ZMALLOC_THIS_THREAD; threads <= ZMALLOC_ALL_THREADS; threads++) {
        size_t nth = 99;
        runs = 0;
        cr_assert_eq(zmalloc_fail_each(threads, gets_three, NULL, &nth), 0);
        cr_assert_eq(nth, 4);
        cr_assert_eq(runs, 4);
        cr_assert_str_eq(fate_of(5), ".....", "the rule is over");
    }
    cr_assert_eq(zmalloc_fail_each(ZMALLOC_THIS_THREAD, gets_three, NULL, NULL), 0);
}

/* Loses the first block when the second is not to be had. */
static void loses_one(void *context)
{
    void *first = ztrymalloc(100), *second = first ? ztrymalloc(100) : NULL;
    *(void **)context = first;
    if (second)
        zfree(first);
    zfree(second);
}

Test(fault, a_run_that_loses_memory_is_found)
{
    void *lost = NULL;
    size_t nth = 0;
    cr_assert_eq(zmalloc_fail_each(ZMALLOC_THIS_THREAD, loses_one, &lost, &nth), 1);
    cr_assert_eq(nth, 2, "by failing allocation 2");
    zfree(lost);
}

static void loses_always(void *context)
{
    *(void **)context = ztrymalloc(100);
}

Test(fault, a_run_that_loses_memory_when_nothing_fails_is_found)
{
    void *lost = NULL;
    size_t nth = 0;
    cr_assert_eq(zmalloc_fail_each(ZMALLOC_THIS_THREAD, loses_always, &lost, &nth), 1);
    cr_assert_eq(nth, 2);
    zfree(lost);
}

/* Frees one that it did not take, where memory runs out. */
static void frees_too_much(void *context)
{
    void **kept = context;
    void *block = ztrymalloc(50);
    if (!block) {
        zfree(*kept);
        *kept = NULL;
    }
    zfree(block);
}

/* The total is not 0 in the end: it could not show what was freed too much. */
Test(fault, each_finds_what_is_freed_too_much)
{
    void *kept = zmalloc(100), *other = zmalloc(1000);
    size_t nth = 0;
    cr_assert_eq(zmalloc_fail_each(ZMALLOC_THIS_THREAD, frees_too_much, &kept, &nth), 1);
    cr_assert_eq(nth, 1);
    cr_assert_null(kept);
    zfree(other);
}

Test(fault, work_is_not_run_for_threads_that_there_are_not)
{
    runs = 0;
    errno = 0;
    cr_assert_eq(zmalloc_fail_each(2, gets_three, NULL, NULL), -1);
    cr_assert_eq(errno, EINVAL);
    cr_assert_eq(runs, 0);
}
