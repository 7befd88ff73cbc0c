/* The fast path of blocks in groups, over a backend that is watched. Built once for each way in
 * which a backend tells sizes: by a header, by predicting them, by the block alone, and when it
 * frees. */
#include <stddef.h>

#include "backend.h"
#include "groups.h"

enum { HEADER = 16, PADDING = 64, LIMIT = 10000 };

static int calls, live;    /* of what allocates, and blocks that were not freed */
static int size_questions; /* calls of block_size */
static int fails;
static void (*meanwhile)(void); /* called once, while the backend is asked for a block */

static size_t size_for(size_t n)
{
    return ZM_TEST_HAS_HEADER ? n + HEADER : (n + PADDING - 1) / PADDING * PADDING;
}

struct watched {
    size_t request, unused;
};

static void *watched_malloc(size_t n)
{
    void (*now)(void) = meanwhile;
    calls++;
    meanwhile = NULL;
    if (now)
        now();
    struct watched *block = fails ? NULL : malloc(sizeof *block + size_for(n));
    if (!block)
        return NULL;
    live++;
    block->request = n;
    return block + 1;
}

static void *watched_zalloc(size_t n)
{
    void *block = watched_malloc(n);
    return block ? memset(block, 0, n) : NULL;
}

static void *watched_aligned_alloc(size_t align, size_t n)
{
    (void)align;
    return watched_malloc(n);
}

static void *watched_realloc(void *p, size_t n)
{
    struct watched *block = realloc((struct watched *)p - 1, sizeof *block + size_for(n));
    block->request = n;
    return block + 1;
}

static size_t watched_block_size(void *p)
{
    size_questions++;
    return size_for(((struct watched *)p - 1)->request);
}

static size_t watched_usable_size(void *p)
{
    return size_for(((struct watched *)p - 1)->request) - (ZM_TEST_HAS_HEADER ? HEADER : 0);
}

static void watched_free(void *p)
{
    live--;
    free((struct watched *)p - 1);
    errno = EBADF;
}

static void watched_free_sized(void *p, size_t size)
{
    REQUIRE(size == size_for(((struct watched *)p - 1)->request), "freed with size %zu", size);
    watched_free(p);
}

#if ZM_TEST_FREES_SIZING
static size_t watched_free_sizing(void *p)
{
    size_t size = size_for(((struct watched *)p - 1)->request);
    watched_free(p);
    return size;
}
#endif

static void watched_info(struct zm_allocator_info *info)
{
    (void)info;
}

static void watched_describe(char *buf, size_t len)
{
    snprintf(buf, len, "watched");
}

const struct zm_backend_vtable zm_backend = {
    .min_request = 9,
    .alignment = 16,
    .header = ZM_TEST_HAS_HEADER ? HEADER : 0,
    .malloc = watched_malloc,
    .zalloc = watched_zalloc,
    .malloc_no_tcache = watched_malloc,
    .free_no_tcache = watched_free,
    .realloc = watched_realloc,
    .aligned_alloc = watched_aligned_alloc,
    .free_sized = watched_free_sized,
    .block_size = watched_block_size,
    .usable_size = watched_usable_size,
#if ZM_TEST_PREDICTS
    .good_size = size_for,
#endif
#if ZM_TEST_FREES_SIZING
    .free_sizing = watched_free_sizing,
#endif
    .info = watched_info,
    .describe = watched_describe,
};

/* A test whose blocks all went back to the backend, with the sizes known that it uses. */
#define PATHS_TEST(name)                                                                           \
    static void name(void);                                                                        \
    GROUPS_TEST(paths_##name)                                                                      \
    {                                                                                              \
        for (size_t n = 0; n <= 4000; n += sizeof(long))                                           \
            zfree(zmalloc(n));                                                                     \
        int live_before = live;                                                                    \
        calls = size_questions = 0;                                                                \
        name();                                                                                    \
        cr_assert_eq(live, live_before);                                                           \
        require_used(0, 0);                                                                        \
    }                                                                                              \
    static void name(void)

/* No call has left room behind: what is not used can all be charged. */
static void require_whole(zgroup *limited)
{
    size_t rest = zgroup_get_limit(limited) - zgroup_used(limited);
    cr_assert_eq(zgroup_charge(child, rest), 0);
    zgroup_discharge(child, rest);
}

PATHS_TEST(the_backend_is_asked_as_little_as_without_a_group)
{
    zgroup *const groups[] = {NULL, child};
    const size_t limits[] = {0, LIMIT};
    int expected = 0;
    for (int i = 0; i < 4; i++) {
        zgroup *group = groups[i % 2];
        zgroup_set_limit(parent, limits[i / 2]);
        size_questions = calls = 0;
        zgroup_free(group, zgroup_malloc(group, 100));
        zgroup_free(group, zgroup_calloc(group, 10, 10));
        zgroup_free(group, zgroup_malloc(group, 0));
        cr_assert_eq(calls, 3);
        expected = i == 0 ? size_questions : expected;
        cr_assert_eq(size_questions, expected);
    }
}

PATHS_TEST(each_size_is_charged_as_it_is)
{
    const size_t limits[] = {0, LIMIT};
    for (size_t n = 0; n < 4000; n += 1 + n / 5)
        for (int i = 0; i < 2; i++) {
            zgroup_set_limit(child, limits[i]);
            size_t total = zmalloc_used_memory();
            void *block = zgroup_malloc(child, n);
            REQUIRE(zgroup_used(child) == zmalloc_size(block), "%zu bytes of %zu",
                    zgroup_used(child), n);
            REQUIRE(zgroup_used(parent) == zgroup_used(child), "the parent's %zu",
                    zgroup_used(parent));
            REQUIRE(zmalloc_used_memory() == total + zmalloc_size(block), "the total");
            errno = 12345;
            zgroup_free(child, block);
            REQUIRE(errno == 12345, "errno is %d", errno);
            REQUIRE(zmalloc_used_memory() == total, "the total is %zu bytes more",
                    zmalloc_used_memory() - total);
        }
}

static void refuse_without_asking(zgroup *limited)
{
    zgroup_set_limit(limited, LIMIT);
    void *block = zgroup_malloc(child, 3000);
    zgroup_charge(child, LIMIT - 2000 - zgroup_used(child));
    size_t used = zgroup_used(child), total = zmalloc_used_memory();
    calls = 0;
    cr_assert_null(zgroup_malloc(child, 2001));
    cr_assert_eq(errno, ENOMEM);
    cr_assert_null(zgroup_calloc(child, 1, 3000));
    cr_assert_eq(calls, 0);
    require_used(used, used);
    cr_assert_eq(zmalloc_used_memory(), total);
    require_whole(limited);
    zgroup_free(child, block);
    zgroup_discharge(child, zgroup_used(child));
    zgroup_set_limit(limited, 0);
}

PATHS_TEST(what_a_group_refuses_does_not_reach_the_backend)
{
    refuse_without_asking(child);
    refuse_without_asking(parent);
}

PATHS_TEST(a_block_is_refused_for_what_the_backend_adds)
{
    zgroup_set_limit(parent, 1000);
    zgroup_charge(child, 1000 - size_for(104) + 1);
    cr_assert_null(zgroup_malloc(child, 104));
    zgroup_discharge(child, 1);
    void *block = zgroup_malloc(child, 104);
    require_used(1000, 1000);
    cr_assert_eq(zgroup_peak(child), 1000);
    zgroup_free(child, block);
    zgroup_discharge(child, zgroup_used(child));
}

PATHS_TEST(a_failing_backend_leaves_nothing)
{
    const size_t limits[] = {0, LIMIT};
    for (int i = 0; i < 2; i++) {
        zgroup_set_limit(parent, limits[i]);
        zgroup_reset_peak(parent);
        fails = 1;
        cr_assert_null(zgroup_malloc(child, 1000));
        cr_assert_eq(errno, ENOMEM);
        cr_assert_null(zgroup_calloc(child, 10, 100));
        fails = 0;
        cr_assert_eq(zgroup_peak(parent), 0);
    }
    require_whole(parent);
}

/* The process is full before the block is there. */
static void fill_the_process(void)
{
    zmalloc_set_hard_limit(zmalloc_used_memory());
}

PATHS_TEST(what_the_hard_limit_refuses_shows_in_no_group)
{
    const size_t limits[] = {0, LIMIT};
    for (int i = 0; i < 2; i++) {
        zgroup_set_limit(parent, limits[i]);
        zgroup_reset_peak(parent);
        size_t total = zmalloc_used_memory();
        meanwhile = fill_the_process;
        calls = 0;
        errno = 0;
        cr_assert_null(zgroup_malloc(child, 1000));
        cr_assert_eq(errno, ENOMEM);
        cr_assert_eq(calls, 1, "the fast path was not taken");
        cr_assert_eq(zmalloc_used_memory(), total);
        cr_assert_eq(zgroup_peak(parent), 0);
        cr_assert_eq(zgroup_charge(child, 1), -1);
        zmalloc_set_hard_limit(0);
    }
    require_whole(parent);
}

static int charged_meanwhile;

static void fill_the_parent(void)
{
    charged_meanwhile = zgroup_charge(parent, LIMIT - 500) == 0;
}

/* Either has it: the block, or who came while the backend was asked. */
PATHS_TEST(who_comes_meanwhile_does_not_pass_the_limit)
{
    zgroup_set_limit(parent, LIMIT);
    meanwhile = fill_the_parent;
    void *block = zgroup_malloc(child, 1000);
    cr_assert_eq(block == NULL, charged_meanwhile);
    cr_assert_leq(zgroup_peak(parent), LIMIT);
    cr_assert_leq(zgroup_peak(child), block ? LIMIT : 0);
    require_whole(parent);
    zgroup_free(child, block);
    zgroup_discharge(parent, zgroup_used(parent));
}

static void limit_the_parent(void)
{
    zgroup_set_limit(parent, LIMIT);
}

static void unlimit_the_parent(void)
{
    zgroup_set_limit(parent, 0);
}

PATHS_TEST(a_limit_that_comes_or_goes_meanwhile_leaves_no_room)
{
    meanwhile = limit_the_parent;
    zgroup_free(child, zgroup_malloc(child, 1000));
    require_whole(parent);
    meanwhile = unlimit_the_parent;
    zgroup_free(child, zgroup_malloc(child, 1000));
    zgroup_set_limit(parent, LIMIT);
    require_whole(parent);
}

PATHS_TEST(a_rule_of_failing_closes_it)
{
    cr_assert_eq(zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 2), 0);
    calls = 0;
    void *block = zgroup_malloc(child, 100);
    cr_assert_null(zgroup_malloc(child, 100));
    zgroup_free(child, block);
    block = zgroup_calloc(child, 1, 100);
    cr_assert_null(zgroup_calloc(child, 1, 100));
    zgroup_free(child, block);
    cr_assert_eq(calls, 2);
    cr_assert_eq(zmalloc_failed(ZMALLOC_THIS_THREAD), 2);
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
}
