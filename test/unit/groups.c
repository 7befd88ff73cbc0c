/* Groups, on one thread, where all is exact; many threads are in programs/stress_groups.c. */
#include "common.h"

#include <sys/wait.h>
#include <unistd.h>

static zgroup *parent, *child;
static size_t total_before;

static void make_groups(void)
{
    total_before = zmalloc_used_memory();
    parent = zgroup_new("parent", NULL, 0);
    child = zgroup_new("child", parent, 0);
    cr_assert(parent && child);
}

static void destroy_groups(void)
{
    cr_assert_eq(zgroup_destroy(child), 0);
    cr_assert_eq(zgroup_destroy(parent), 0);
    cr_assert_eq(zmalloc_used_memory(), total_before);
}

/* A test with these two groups, which has given all back at its end. Not by .fini, where Criterion
 * counts no failure. */
#define GROUPS_TEST(name)                                                                          \
    static void name(void);                                                                        \
    Test(groups, name)                                                                             \
    {                                                                                              \
        make_groups();                                                                             \
        name();                                                                                    \
        destroy_groups();                                                                          \
    }                                                                                              \
    static void name(void)

static void require_used(size_t in_child, size_t in_parent)
{
    cr_assert_eq(zgroup_used(child), in_child);
    cr_assert_eq(zgroup_used(parent), in_parent);
}

GROUPS_TEST(a_block_is_charged_to_each_level_and_to_the_total)
{
    size_t total = zmalloc_used_memory();
    void *low = zgroup_malloc(child, 100), *high = zgroup_malloc(parent, 5000);
    size_t low_size = zmalloc_size(low), high_size = zmalloc_size(high);
    cr_assert_geq(low_size, 100);
    require_used(low_size, low_size + high_size);
    cr_assert_eq(zmalloc_used_memory(), total + low_size + high_size);
    zgroup_free(child, low);
    require_used(0, high_size);
    zgroup_free(parent, high);
    require_used(0, 0);
    cr_assert_eq(zmalloc_used_memory(), total);
    cr_assert_eq(zgroup_peak(child), low_size);
    cr_assert_eq(zgroup_peak(parent), low_size + high_size);
}

GROUPS_TEST(every_call_charges_what_the_block_has)
{
    const size_t sizes[] = {0, 1, 9, 100, 4096, 70000, (size_t)3 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *block = zgroup_malloc(child, sizes[i]);
        REQUIRE(zgroup_used(child) == zmalloc_size(block), "zgroup_malloc(%zu)", sizes[i]);
        zgroup_free(child, block);
        block = zgroup_calloc(child, 1, sizes[i]);
        for (size_t j = 0; j < sizes[i]; j++)
            REQUIRE(block[j] == 0, "not zero at %zu of %zu", j, sizes[i]);
        REQUIRE(zgroup_used(child) == zmalloc_size(block), "zgroup_calloc(%zu)", sizes[i]);
        zgroup_free(child, block);
        for (size_t align = 1; align <= 8192; align *= 2) {
            block = zgroup_aligned_alloc(child, align, sizes[i]);
            REQUIRE((uintptr_t)block % align == 0, "not aligned to %zu", align);
            REQUIRE(zgroup_used(child) == zmalloc_size(block), "aligned to %zu: %zu bytes, not %zu",
                    align, zgroup_used(child), zmalloc_size(block));
            zgroup_free(child, block);
        }
        REQUIRE(zgroup_used(child) == 0, "%zu bytes are left", zgroup_used(child));
    }
}

static void fill(unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        block[i] = (unsigned char)(i * 7);
}

static void require_filled(const unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        REQUIRE(block[i] == (unsigned char)(i * 7), "byte %zu of %zu is another", i, n);
}

static void resize_to_all_sizes(void)
{
    const size_t sizes[] = {100, 130, 50, 5000, 1, 300000, 250000, 300, (size_t)9 << 20, 70000};
    size_t had = 0;
    unsigned char *block = NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        block = zgroup_realloc(child, block, sizes[i]);
        REQUIRE(block, "no %zu bytes", sizes[i]);
        require_filled(block, had < sizes[i] ? had : sizes[i]);
        fill(block, had = sizes[i]);
        REQUIRE(zgroup_used(child) == zmalloc_size(block), "%zu bytes charged, not %zu",
                zgroup_used(child), zmalloc_size(block));
        REQUIRE(zgroup_used(parent) == zmalloc_size(block), "the parent's %zu",
                zgroup_used(parent));
    }
    cr_assert_null(zgroup_realloc(child, block, 0));
    require_used(0, 0);
}

GROUPS_TEST(resizing_keeps_the_bytes_and_charges_what_the_block_has)
{
    resize_to_all_sizes();
    zgroup_set_limit(parent, (size_t)1 << 30); /* some allocators' blocks are copied now */
    resize_to_all_sizes();
    cr_assert_leq(zgroup_peak(child), (size_t)10 << 20);
}

GROUPS_TEST(no_group_is_the_ordinary_call)
{
    size_t total = zmalloc_used_memory();
    void *block = zgroup_malloc(NULL, 100);
    cr_assert_eq(zmalloc_used_memory(), total + zmalloc_size(block));
    block = zgroup_realloc(NULL, block, 10000);
    cr_assert_eq(zmalloc_used_memory(), total + zmalloc_size(block));
    zgroup_free(NULL, block);
    zgroup_free(NULL, zgroup_calloc(NULL, 3, 5));
    zgroup_free(NULL, zgroup_aligned_alloc(NULL, 64, 5));
    zgroup_free(child, NULL);
    cr_assert_eq(zgroup_charge(NULL, 100), 0);
    cr_assert_eq(zmalloc_used_memory(), total + 100);
    zgroup_discharge(NULL, 100);
    cr_assert_eq(zmalloc_used_memory(), total);
    cr_assert_eq(zgroup_used(NULL) + zgroup_peak(NULL) + zgroup_get_limit(NULL), 0);
    zgroup_set_limit(NULL, 1);
    zgroup_reset_peak(NULL);
    cr_assert_null(zgroup_name(NULL));
    cr_assert_null(zgroup_parent(NULL));
    cr_assert_eq(zgroup_destroy(NULL), 0);
}

/* ---- Limits ---- */

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
    require_used(count * size, count * size);
    cr_assert_eq(zgroup_peak(child), count * size);
    cr_assert_eq(zgroup_peak(parent), count * size);
    cr_assert_not_null(block = zgroup_realloc(child, block, 20), "it is to be smaller");
    blocks[count - 1] = block;
    while (count > 0)
        zgroup_free(child, blocks[--count]);
    require_used(0, 0);
    zgroup_set_limit(limited, 0);
    cr_assert_eq(zgroup_get_limit(limited), 0);
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

/* A fresh block of `to` bytes just fits. Some allocators make more of one that is resized. */
static void resize_to_the_limit(size_t from, size_t to)
{
    void *block = zgroup_malloc(child, to);
    size_t size = zmalloc_size(block);
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

/* ---- Figures ---- */

GROUPS_TEST(the_peak_begins_anew)
{
    void *block = zgroup_malloc(child, 50000), *kept = zgroup_malloc(child, 100);
    size_t high = zmalloc_size(block) + zmalloc_size(kept);
    zgroup_free(child, block);
    cr_assert_eq(zgroup_peak(child), high);
    zgroup_reset_peak(child);
    cr_assert_eq(zgroup_peak(child), zmalloc_size(kept));
    cr_assert_eq(zgroup_peak(parent), high);
    zgroup_free(child, kept);
}

GROUPS_TEST(the_name_is_copied_and_may_be_given_twice)
{
    char name[] = "a name";
    zgroup *one = zgroup_new(name, child, 77), *other = zgroup_new("a name", NULL, 0);
    name[0] = 'x';
    cr_assert_str_eq(zgroup_name(one), "a name");
    cr_assert_str_eq(zgroup_name(other), "a name");
    cr_assert_eq(zgroup_parent(one), child);
    cr_assert_null(zgroup_parent(other));
    cr_assert_eq(zgroup_get_limit(one), 77);
    cr_assert_eq(zgroup_destroy(one), 0);
    cr_assert_eq(zgroup_destroy(other), 0);
    errno = 0;
    cr_assert_null(zgroup_new(NULL, NULL, 0));
    cr_assert_eq(errno, EINVAL);
}

GROUPS_TEST(one_in_use_is_not_destroyed)
{
    errno = 0;
    cr_assert_eq(zgroup_destroy(parent), -1);
    cr_assert_eq(errno, EBUSY);
    void *block = zgroup_malloc(child, 10);
    errno = 0;
    cr_assert_eq(zgroup_destroy(child), -1);
    cr_assert_eq(errno, EBUSY);
    cr_assert_eq(zgroup_used(child), zmalloc_size(block));
    cr_assert_str_eq(zgroup_name(child), "child");
    zgroup_free(child, block);
}

GROUPS_TEST(freeing_keeps_errno)
{
    void *block = zgroup_malloc(child, 100);
    errno = 12345;
    zgroup_free(child, block);
    cr_assert_eq(errno, 12345);
}

/* ---- All of them ---- */

struct seen {
    int groups, stop_at;
    zgroup *last;
};

static int see(zgroup *group, void *context)
{
    struct seen *seen = context;
    seen->last = group;
    return ++seen->groups == seen->stop_at ? 42 : 0;
}

GROUPS_TEST(each_is_visited_once_and_until_a_result)
{
    struct seen seen = {0, 0, NULL};
    cr_assert_eq(zgroup_each(see, &seen), 0);
    cr_assert_eq(seen.groups, 2);
    zgroup *third = zgroup_new("third", NULL, 0);
    seen = (struct seen){0, 2, NULL};
    cr_assert_eq(zgroup_each(see, &seen), 42);
    cr_assert_eq(seen.groups, 2);
    cr_assert_eq(seen.last, child);
    cr_assert_eq(zgroup_destroy(third), 0);
    seen = (struct seen){0, 0, NULL};
    zgroup_each(see, &seen);
    cr_assert_eq(seen.groups, 2);
}

static int use_all_while_visiting(zgroup *group, void *context)
{
    zgroup_free(group, zgroup_malloc(group, 1000));
    errno = 0;
    if (zgroup_new("refused", NULL, 0) || errno != EDEADLK)
        return 1;
    errno = 0;
    if (zgroup_destroy(group) != -1 || errno != EDEADLK)
        return 2;
    struct seen seen = {0, 0, NULL};
    if (zgroup_each(see, &seen) != 0 || seen.groups != 2)
        return 3;
    *(int *)context += 1;
    return 0;
}

GROUPS_TEST(a_visit_may_do_anything_but_create_and_destroy)
{
    int visits = 0;
    cr_assert_eq(zgroup_each(use_all_while_visiting, &visits), 0);
    cr_assert_eq(visits, 2);
    zgroup *later = zgroup_new("later", NULL, 0);
    cr_assert_not_null(later);
    zgroup_destroy(later);
}

static int fork_while_visiting(zgroup *group, void *context)
{
    (void)group;
    pid_t process = fork();
    if (process == 0)
        _exit(0);
    cr_assert_eq(waitpid(process, context, 0), process);
    return 1;
}

static int child_of_a_fork(void)
{
    zgroup *group = zgroup_new("of the child", child, 0);
    void *block = zgroup_malloc(group, 100);
    bool counts = zgroup_used(parent) == zmalloc_size(block);
    zgroup_free(group, block);
    return counts && zgroup_destroy(group) == 0 ? 0 : 1;
}

GROUPS_TEST(the_child_of_a_fork_goes_on)
{
    int status = 1;
    cr_assert_eq(zgroup_each(fork_while_visiting, &status), 1);
    cr_assert_eq(status, 0);
    pid_t process = fork();
    if (process == 0)
        _exit(child_of_a_fork());
    cr_assert_eq(waitpid(process, &status, 0), process);
    cr_assert_eq(status, 0);
}
