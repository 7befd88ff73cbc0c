/* Two groups, of which one is within the other, for the tests of groups. */
#ifndef TEST_GROUPS_H
#define TEST_GROUPS_H

#include "common.h"

static zgroup *parent, *child;
static size_t total_before;

static inline void make_groups(void)
{
    total_before = zmalloc_used_memory();
    parent = zgroup_new("parent", NULL, 0);
    child = zgroup_new("child", parent, 0);
    cr_assert(parent && child);
}

static inline void destroy_groups(void)
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

static inline void require_used(size_t in_child, size_t in_parent)
{
    cr_assert_eq(zgroup_used(child), in_child);
    cr_assert_eq(zgroup_used(parent), in_parent);
}

static inline void fill(unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        block[i] = (unsigned char)(i * 7);
}

static inline void require_filled(const unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        REQUIRE(block[i] == (unsigned char)(i * 7), "byte %zu of %zu is another", i, n);
}

#endif
