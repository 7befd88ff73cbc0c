/* The soft limit and the peak. One thread, where all is exact but the peak; many are in
 * programs/stress_limit.c and programs/limit_changes.c. */
#include "chain.h"
#include "common.h"

static const size_t mib = (size_t)1 << 20, room = (size_t)8 << 20;

/* ---- The soft limit ---- */

static int passed_calls;
static size_t passed_used;
static void *passed_context;

static void note_passed(size_t used, void *context)
{
    passed_calls++;
    passed_used = used;
    passed_context = context;
}

Test(watch, the_soft_limit_is_told_in_the_very_call_and_once)
{
    int context;
    void *kept = zmalloc(200000);
    size_t limit = zmalloc_used_memory() + 100000;
    zmalloc_set_soft_limit(limit, note_passed, &context);
    cr_assert_eq(zmalloc_get_soft_limit(), limit);
    for (int round = 1; round <= 3; round++) {
        struct link *first = NULL;
        while (zmalloc_used_memory() <= limit) {
            REQUIRE(passed_calls == round - 1, "told at %zu of %zu", zmalloc_used_memory(), limit);
            first = chain_block(zmalloc(100), first);
        }
        cr_assert_eq(passed_calls, round);
        cr_assert_eq(passed_used, zmalloc_used_memory());
        cr_assert_eq(passed_context, &context);
        for (int i = 0; i < 1000; i++) {
            first = chain_block(zmalloc(100), first);
        }
        cr_assert_eq(passed_calls, round, "told again");
        release_chain(first);
        /* The look that finds it below. */
        zfree(zmalloc(90000));
    }
    zfree(kept);
}

/* Grows by steps that cross it, each by its own call. */
static void cross_by_other_calls(void)
{
    for (int i = 0; i < 2; i++) {
        void *block = zmalloc(1000), *aligned = NULL;
        size_t limit = zmalloc_used_memory() + 50000;
        passed_calls = 0;
        zmalloc_set_soft_limit(limit, note_passed, NULL);
        for (size_t n = 1000; n < 200000; n += 700) {
            if (i == 0) {
                block = zrealloc(block, n);
            } else if (!aligned) {
                aligned = zaligned_alloc(256, 60000);
            }
            int expected = zmalloc_used_memory() > limit;
            REQUIRE(passed_calls == expected, "call %d: %d times at %zu of %zu", i, passed_calls,
                    zmalloc_used_memory(), limit);
            REQUIRE(!expected || zmalloc_get_peak_memory() >= passed_used, "a low peak");
        }
        zmalloc_set_soft_limit(0, NULL, NULL);
        zfree(block);
        zfree(aligned);
    }
}

Test(watch, the_soft_limit_is_passed_by_any_call)
{
    cross_by_other_calls();
    zmalloc_set_hard_limit((size_t)1 << 30);
    cross_by_other_calls();
}

/* A thread alone finds the total below after 64 KiB at the latest, and then passes in the very
 * call.
 */
Test(watch, found_below_the_soft_limit_is_armed_again)
{
    struct link *first = NULL, *further = NULL;
    void *kept = zmalloc(room);
    size_t limit = zmalloc_used_memory() + 100000;
    zmalloc_set_soft_limit(limit, note_passed, NULL);
    for (int round = 1; round <= 20; round++) {
        while (zmalloc_used_memory() <= limit) {
            REQUIRE(passed_calls == round - 1, "%d calls before round %d", passed_calls, round);
            first = chain_block(zmalloc(100), first);
        }
        REQUIRE(passed_calls == round, "%d calls in round %d", passed_calls, round);
        for (int i = 0; i < 1000 + round; i++)
            further = chain_block(zmalloc(100), further);
        release_chain(further);
        further = NULL;
        while (zmalloc_used_memory() > limit - 70000) {
            struct link *next = first->next;
            zfree(first);
            first = next;
        }
    }
    release_chain(first);
    zfree(kept);
}

Test(watch, close_to_the_total_a_soft_limit_is_passed_at_once)
{
    struct link *first = NULL;
    int expected = 0;
    for (int i = 0; i < 20000; i++) {
        first = chain_block(zmalloc(100), first);
        if (i % 500 == 0) {
            zmalloc_set_soft_limit(zmalloc_used_memory() + 50, note_passed, NULL);
            zfree(zmalloc(100));
            REQUIRE(passed_calls == ++expected, "%d calls at block %d", passed_calls, i);
            zmalloc_set_soft_limit(0, NULL, NULL);
        }
    }
    release_chain(first);
}

Test(watch, a_soft_limit_below_the_total_is_passed_by_the_next_look)
{
    void *large = zmalloc(room);
    zmalloc_set_soft_limit(room / 2, note_passed, NULL);
    zfree(zmalloc(1));
    cr_assert_eq(passed_calls, 1);
    zmalloc_set_soft_limit(0, NULL, NULL);
    cr_assert_eq(zmalloc_get_soft_limit(), 0);
    zfree(large);
}

Test(watch, what_is_refused_passes_nothing)
{
    size_t used = zmalloc_used_memory();
    zmalloc_set_soft_limit(used + 1000, note_passed, NULL);
    zmalloc_set_hard_limit(used + 2000);
    cr_assert_null(ztrymalloc(3000));
    cr_assert_eq(zmalloc_charge(3000), -1);
    cr_assert_eq(passed_calls, 0);
    cr_assert_eq(zmalloc_charge(1500), 0);
    cr_assert_eq(passed_calls, 1);
}

/* Passes the soft limit of 16 MiB and comes down to 2: the block's. The next look would come far
 * above the limit, for it is disarmed. */
static void *pass_and_come_down(size_t base)
{
    zmalloc_set_hard_limit(base + 64 * mib);
    zmalloc_set_soft_limit(base + 16 * mib, note_passed, NULL);
    cr_assert_eq(zmalloc_charge(15 * mib), 0);
    void *block = ztrymalloc(2 * mib);
    cr_assert_eq(passed_calls, 1);
    zmalloc_discharge(15 * mib);
    return block;
}

static void pass_again(void)
{
    size_t n = zmalloc_get_soft_limit() + mib / 4 - zmalloc_used_memory();
    cr_assert_eq(zmalloc_charge(n), 0);
    cr_assert_eq(passed_calls, 2);
    zmalloc_discharge(n);
}

/* Both add up what was freed, and put off the look that would have come. */
Test(watch, what_resizes_finds_the_total_below_the_soft_limit)
{
    void *block = pass_and_come_down(zmalloc_used_memory());
    block = ztryrealloc(block, 3 * mib);
    cr_assert_not_null(block);
    pass_again();
    zfree(block);
}

Test(watch, what_is_refused_finds_the_total_below_the_soft_limit)
{
    void *block = pass_and_come_down(zmalloc_used_memory());
    cr_assert_eq(zmalloc_charge(100 * mib), -1);
    cr_assert_eq(zmalloc_charge(1), 0);
    zmalloc_discharge(1);
    pass_again();
    zfree(block);
}

static void *cache;
static void evict(size_t used, void *context)
{
    note_passed(used, context);
    zfree(cache);
    cache = NULL;
    zfree(zmalloc(100));
    zmalloc_set_hard_limit(used * 2);
    zmalloc_set_soft_limit(used * 2, evict, NULL);
}

Test(watch, the_function_may_free_allocate_and_set_limits)
{
    cache = zmalloc(room);
    size_t limit = zmalloc_used_memory() + 1000;
    zmalloc_set_soft_limit(limit, evict, NULL);
    void *block = zmalloc(2000);
    cr_assert_not_null(block);
    cr_assert_eq(passed_calls, 1);
    cr_assert_null(cache);
    cr_assert(zmalloc_used_memory() < limit);
    zfree(block);
}

static jmp_buf left_by;
static void leave(size_t used, void *context)
{
    note_passed(used, context);
    longjmp(left_by, 1);
}

/* The block is lost, which a sanitizer would report. */
Test(watch, the_function_may_leave_by_longjmp, .disabled = UNDER_ADDRESS_SANITIZER)
{
    size_t before = zmalloc_used_memory();
    zmalloc_set_soft_limit(before + 1000, leave, NULL);
    if (setjmp(left_by) == 0) {
        zfree(zmalloc(2000));
        cr_assert_fail("it was not left");
    }
    cr_assert_geq(zmalloc_used_memory(), before + 2000);
    void *block = zmalloc(100);
    cr_assert_not_null(block);
    cr_assert_eq(passed_calls, 1);
    zfree(block);
}

/* ---- The peak ---- */

/* Both looks of a thread alone: what the counter may leave unseen. */
static size_t most_unseen(size_t highest)
{
    size_t part = highest / 16 > 4096 ? highest / 16 : 4096;
    return part < 65536 ? part : 65536;
}

/* Grows by n bytes, and frees them. Returns the highest total, which nobody asks for meanwhile. */
static size_t grow_and_shrink(size_t n, size_t block_size)
{
    struct link *first = NULL;
    size_t highest = zmalloc_used_memory(), end = highest + n;
    while (highest < end) {
        first = chain_block(zmalloc(block_size), first);
        highest += zmalloc_size(first);
    }
    release_chain(first);
    return highest;
}

Test(watch, the_peak_is_near_the_true_one_and_can_be_reset)
{
    zfree(zmalloc((size_t)32 << 20));
    size_t base = zmalloc_used_memory();
    cr_assert_geq(zmalloc_get_peak_memory(), base + ((size_t)32 << 20));
    for (size_t n = 1000; n < 4000000; n = n * 3 / 2) {
        zmalloc_reset_peak_memory();
        cr_assert_eq(zmalloc_get_peak_memory(), base);
        size_t highest = grow_and_shrink(n, 100), peak = zmalloc_get_peak_memory();
        REQUIRE(peak <= highest, "a peak of %zu, and never more than %zu", peak, highest);
        REQUIRE(peak + most_unseen(highest) >= highest, "a peak of %zu, and it was %zu", peak,
                highest);
        /* With a large allowance left from before. */
        grow_and_shrink(2 * mib, 100);
        zmalloc_reset_peak_memory();
        highest = grow_and_shrink(n, 100);
        peak = zmalloc_get_peak_memory();
        REQUIRE(peak + most_unseen(highest) >= highest, "a peak of %zu after %zu", peak, highest);
    }
    cr_assert_eq(zmalloc_used_memory(), base);
}

Test(watch, the_peak_is_near_the_true_one_with_blocks_of_any_size)
{
    for (size_t block_size = 16; block_size < 40000; block_size = block_size * 5 / 4 + 1)
        for (size_t n = 100000; n < 1500000; n = n * 4 / 3) {
            zmalloc_reset_peak_memory();
            size_t highest = grow_and_shrink(n, block_size), peak = zmalloc_get_peak_memory();
            REQUIRE(peak <= highest && peak + most_unseen(highest) >= highest,
                    "a peak of %zu, and it was %zu, by blocks of %zu", peak, highest, block_size);
        }
}

Test(watch, no_total_that_was_told_is_above_the_peak)
{
    zmalloc_reset_peak_memory();
    for (size_t n = 1; n < 100000; n = n * 2 + 7) {
        void *block = zmalloc(n);
        size_t told = zmalloc_used_memory();
        zfree(block);
        cr_assert_geq(zmalloc_get_peak_memory(), told);
    }
}
