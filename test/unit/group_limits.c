/* What groups refuse, and what they do beside the bounds of the process. On one thread. */
#include "groups.h"

static size_t sum_of_sizes(void *const *blocks, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += zmalloc_size(blocks[i]);
    return sum;
}

/* Refused on whichever level: nothing of it shows. */
static void require_refusal(zgroup *limited)
{
    enum { LIMIT = 100000 };
    zgroup_set_limit(limited, LIMIT);
    cr_assert_eq(zgroup_get_limit(limited), LIMIT);
    void *blocks[2000];
    size_t count = 0, total, size;
    while (errno = 0, blocks[count] = zgroup_malloc(child, 1000))
        REQUIRE(zgroup_used(limited) <= LIMIT && ++count < 2000, "above the limit");
    size = zmalloc_size(blocks[0]);
    size_t used = sum_of_sizes(blocks, count);
    cr_assert_eq(errno, ENOMEM);
    cr_assert_gt(zgroup_used(limited) + size, LIMIT, "refused, and would have fitted");
    total = zmalloc_used_memory();
    cr_assert_null(zgroup_malloc(child, (size_t)1 << 30));
    cr_assert_null(zgroup_calloc(child, 1, 1000));
    cr_assert_null(zgroup_aligned_alloc(child, 4096, 1000));
    unsigned char *block = blocks[count - 1];
    fill(block, 1000);
    errno = 0;
    cr_assert_null(zgroup_realloc(child, block, 50000));
    cr_assert_eq(errno, ENOMEM);
    require_filled(block, 1000);
    cr_assert_eq(zgroup_charge(child, 1000), -1);
    cr_assert_eq(zmalloc_used_memory(), total);
    require_used(used, used);
    cr_assert_eq(zgroup_peak(child), used);
    cr_assert_eq(zgroup_peak(parent), used);
    cr_assert_not_null(block = zgroup_realloc(child, block, 20), "it is to be smaller");
    blocks[count - 1] = block;
    while (count > 0)
        zgroup_free(child, blocks[--count]);
    require_used(0, 0);
    zgroup_set_limit(limited, 0);
    cr_assert_eq(zgroup_get_limit(limited), 0);
}

GROUPS_TEST(the_greatest_limit_is_none)
{
    zgroup_set_limit(child, SIZE_MAX);
    cr_assert_eq(zgroup_get_limit(child), 0);
    void *block = zgroup_malloc(child, 100);
    cr_assert_not_null(block);
    zgroup_free(child, block);
}

GROUPS_TEST(a_limit_of_its_own_refuses)
{
    require_refusal(child);
}

GROUPS_TEST(a_limit_of_the_parent_refuses)
{
    require_refusal(parent);
}

GROUPS_TEST(memory_from_elsewhere_is_charged_as_it_is)
{
    size_t total = zmalloc_used_memory();
    zgroup_set_limit(parent, 1000);
    cr_assert_eq(zgroup_charge(child, 999), 0);
    require_used(999, 999);
    cr_assert_eq(zmalloc_used_memory(), total + 999);
    cr_assert_eq(zgroup_charge(child, 2), -1);
    cr_assert_eq(errno, ENOMEM);
    cr_assert_eq(zgroup_charge(child, 1), 0);
    zgroup_discharge(child, 1000);
    require_used(0, 0);
    zgroup_set_limit(parent, 0);
    cr_assert_eq(zgroup_charge(child, SIZE_MAX), -1);
    cr_assert_eq(zmalloc_used_memory(), total);
}

GROUPS_TEST(a_limit_below_what_is_used_frees_nothing)
{
    void *block = zgroup_malloc(child, 10000);
    zgroup_set_limit(child, 100);
    cr_assert_null(zgroup_malloc(child, 1));
    zgroup_free(child, block);
    block = zgroup_malloc(child, 1);
    cr_assert_not_null(block);
    zgroup_free(child, block);
}

/* A fresh block of `to` bytes just fits, with what one of glibc's may have more than another, up to
 * a page. Some allocators make a quarter more of one that is resized. */
static void resize_to_the_limit(size_t from, size_t to)
{
    void *block = zgroup_malloc(child, to);
    size_t size = zmalloc_size(block) / 16 * 17;
    zgroup_free(child, block);
    zgroup_set_limit(child, size);
    zgroup_reset_peak(child);
    block = zgroup_malloc(child, from);
    fill(block, from);
    block = zgroup_realloc(child, block, to);
    cr_assert_not_null(block);
    cr_assert_leq(zgroup_used(child), size);
    cr_assert_leq(zgroup_peak(child), size);
    require_filled(block, from);
    zgroup_free(child, block);
    zgroup_set_limit(child, 0);
}

GROUPS_TEST(resizing_fills_a_limit_to_the_last_byte)
{
    resize_to_the_limit(3000, 200000);
    resize_to_the_limit(200000, 210000);
    resize_to_the_limit(100, 1000);
}

GROUPS_TEST(the_hard_limit_of_the_process_refuses_too)
{
    zmalloc_set_hard_limit(zmalloc_used_memory() + 100000);
    cr_assert_null(zgroup_malloc(child, 200000));
    cr_assert_eq(errno, ENOMEM);
    cr_assert_eq(zgroup_charge(child, 200000), -1);
    require_used(0, 0);
    cr_assert_eq(zgroup_peak(child), 0);
    zmalloc_set_hard_limit(0);
}

GROUPS_TEST(a_request_that_overflows_is_refused)
{
    expect_no_oom();
    cr_assert_null(zgroup_malloc(child, opaque((size_t)PTRDIFF_MAX + 1)));
    cr_assert_null(zgroup_calloc(child, opaque(SIZE_MAX / 2), opaque(3)));
    void *block = zgroup_malloc(child, 10);
    cr_assert_null(zgroup_realloc(child, block, opaque(SIZE_MAX)));
    cr_assert_eq(errno, ENOMEM);
    zgroup_free(child, block);
    errno = 0;
    cr_assert_null(zgroup_aligned_alloc(child, opaque(48), 10));
    cr_assert_eq(errno, EINVAL);
    cr_assert_eq(oom_calls, 0);
    require_used(0, 0);
}

static void use_groups(void *unused)
{
    (void)unused;
    zgroup *group = zgroup_new("failing", parent, (size_t)1 << 20);
    if (!group)
        return;
    void *block = zgroup_malloc(group, 100), *other = zgroup_calloc(group, 5, 5);
    void *larger = zgroup_realloc(group, block, 50000);
    if (larger)
        block = larger;
    REQUIRE(zgroup_used(group) == zmalloc_size(block) + zmalloc_size(other), "%zu bytes charged",
            zgroup_used(group));
    zgroup_free(group, block);
    zgroup_free(group, other);
    REQUIRE(zgroup_used(parent) == 0, "%zu bytes are left", zgroup_used(parent));
    REQUIRE(zgroup_destroy(group) == 0, "the group is busy");
}

GROUPS_TEST(a_rule_of_failing_applies)
{
    size_t nth;
    cr_assert_eq(zmalloc_fail_each(ZMALLOC_THIS_THREAD, use_groups, NULL, &nth), 0);
    cr_assert_eq(nth, 5);
}

/* ---- Beside the bounds of the process ---- */

static size_t passed_calls, used_when_passed;

static void note_passed(size_t used, void *context)
{
    (void)used;
    (void)context;
    passed_calls++;
    used_when_passed = zgroup_used(child);
}

GROUPS_TEST(what_a_group_refuses_is_in_no_figure_of_the_process)
{
    enum { MIB = 1 << 20 };
    zgroup_set_limit(parent, 4 * MIB);
    zmalloc_reset_peak_memory();
    size_t total = zmalloc_used_memory();
    zmalloc_set_soft_limit(total + MIB, note_passed, NULL);
    cr_assert_null(zgroup_malloc(child, 4 * MIB + 1));
    cr_assert_null(zgroup_calloc(child, 4, MIB + 1));
    cr_assert_null(zgroup_aligned_alloc(child, 4096, 5 * MIB));
    cr_assert_eq(zgroup_charge(child, 5 * MIB), -1);
    /* With a header, or where pages are the unit, it is too much only with what comes on top. */
    void *exact = zgroup_malloc(child, 4 * MIB);
    cr_assert_eq(passed_calls, exact != NULL);
    cr_assert(exact || zmalloc_get_peak_memory() < total + MIB);
    zgroup_free(child, exact);
    zmalloc_set_soft_limit(0, NULL, NULL);
}

GROUPS_TEST(the_soft_limit_is_told_when_the_group_has_the_block)
{
    zmalloc_set_soft_limit(zmalloc_used_memory() + 1000000, note_passed, NULL);
    void *block = zgroup_malloc(child, 2000000);
    cr_assert_eq(passed_calls, 1);
    cr_assert_eq(used_when_passed, zmalloc_size(block));
    zgroup_free(child, block);
    zmalloc_set_soft_limit(zmalloc_used_memory() + 1000000, note_passed, NULL);
    block = zgroup_realloc(child, zgroup_malloc(child, 100), 2000000);
    cr_assert_eq(passed_calls, 2);
    cr_assert_eq(used_when_passed, zmalloc_size(block));
    zgroup_free(child, block);
    zmalloc_set_soft_limit(0, NULL, NULL);
}

static jmp_buf back;

static void leave(size_t used, void *context)
{
    (void)used;
    (void)context;
    longjmp(back, 1);
}

/* The block is lost, as it is charged: nothing of it is granted and not used. */
GROUPS_TEST(a_soft_limit_that_is_left_by_a_jump_takes_no_room)
{
    zgroup_set_limit(child, 9000000);
    zmalloc_set_soft_limit(zmalloc_used_memory() + 1000000, leave, NULL);
    void *block = zgroup_malloc(child, 1000);
    if (setjmp(back) == 0)
        block = zgroup_realloc(child, block, 3000000);
    zmalloc_set_soft_limit(0, NULL, NULL);
    size_t left = 9000000 - zgroup_used(child);
    cr_assert_leq(left, 6100000);
    cr_assert_eq(zgroup_charge(child, left), 0);
    cr_assert_eq(zgroup_charge(child, 1), -1);
    /* Both levels and the total as before, for the block that is gone. */
    zgroup_discharge(child, 9000000);
}

GROUPS_TEST(a_growth_that_fits_the_hard_limit_is_not_refused)
{
    zgroup_set_limit(parent, (size_t)64 << 20);
    void *block = zgroup_malloc(child, 10000000);
    zmalloc_set_hard_limit(zmalloc_used_memory() + 2000000);
    void *larger = zgroup_realloc(child, block, 10058000);
    cr_assert_not_null(larger);
    cr_assert_eq(zgroup_used(parent), zmalloc_size(larger));
    zmalloc_set_hard_limit(0);
    zgroup_free(child, larger);
}

GROUPS_TEST(what_is_above_a_lowered_limit_can_be_made_smaller)
{
    void *block = zgroup_malloc(child, 1000000);
    zgroup_set_limit(parent, 500000);
    block = zgroup_realloc(child, block, 1000);
    cr_assert_not_null(block);
    cr_assert_leq(zgroup_used(parent), 500000);
    zgroup_free(child, block);
}

GROUPS_TEST(a_rule_of_failing_counts_each_resize_once)
{
    zgroup_set_limit(child, 70000);
    void *block = zgroup_malloc(child, 60000);
    cr_assert_eq(zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 2), 0);
    cr_assert_not_null(block = zgroup_realloc(child, block, 50000));
    cr_assert_null(zgroup_realloc(child, block, 20000));
    cr_assert_not_null(block = zgroup_realloc(child, block, 100));
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 1);
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
    zgroup_free(child, block);
}
