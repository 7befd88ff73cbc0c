/* Groups, on one thread, where all is exact; many threads are in programs/stress_groups.c. What
 * they refuse is in group_limits.c. */
#include "groups.h"

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void create_when_passed(size_t used, void *context)
{
    (void)used;
    zgroup *late = zgroup_new("late", NULL, 0);
    *(int *)context = late ? 0 : errno;
    zgroup_destroy(late);
}

static int pass_the_soft_limit(zgroup *group, void *context)
{
    (void)context;
    zgroup_free(group, zgroup_malloc(group, 1 << 20));
    return 1;
}

GROUPS_TEST(nor_may_a_soft_limits_function_create_within_a_visit)
{
    int error = 0;
    zmalloc_set_soft_limit(zmalloc_used_memory() + 1000, create_when_passed, &error);
    cr_assert_eq(zgroup_each(pass_the_soft_limit, NULL), 1);
    cr_assert_eq(error, EDEADLK);
    zmalloc_set_soft_limit(zmalloc_used_memory() + 1000, create_when_passed, &error);
    pass_the_soft_limit(child, NULL);
    cr_assert_eq(error, 0);
    zmalloc_set_soft_limit(0, NULL, NULL);
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
