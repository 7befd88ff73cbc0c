/* Samples and the profile of them, by what the public calls show. */
#include "samples.h"

#include <sys/resource.h>
#include <sys/wait.h>

static bool is_aligned_as_sample(const void *block)
{
    return (uintptr_t)block % 4096 == 0;
}

SAMPLES_TEST(a_large_block_is_in_the_profile_until_it_is_freed)
{
    start(MEAN);
    struct profile before = read_profile();
    void *block = zmalloc(LARGE);
    cr_assert(is_aligned_as_sample(block));
    struct profile with = read_profile();
    cr_assert_eq(with.mean, MEAN);
    cr_assert_eq(with.count, before.count + 1);
    REQUIRE(with.bytes - before.bytes >= LARGE
                && with.bytes - before.bytes <= zmalloc_size(block) + 16384,
            "%zu bytes of %zu", with.bytes - before.bytes, LARGE);
    zfree(block);
    cr_assert_eq(read_profile().count, before.count);
    cr_assert_eq(read_profile().bytes, before.bytes);
}

/* mimalloc 3 makes large blocks of one request of several sizes. */
static size_t count_sizes(void **blocks, int count)
{
    size_t sizes = 0;
    for (int i = 0; i < count; i++) {
        int same = 0;
        while (same < i && zmalloc_size(blocks[same]) != zmalloc_size(blocks[i]))
            same++;
        sizes += same == i;
    }
    return sizes;
}

SAMPLES_TEST(blocks_of_one_stack_and_size_are_one_line)
{
    void *blocks[10];
    start(MEAN);
    for (volatile int i = 0; i < 10; i++) /* the call is at one place */
        blocks[i] = zmalloc(i < 7 ? LARGE : 2 * LARGE);
    struct profile with = read_profile();
    cr_assert_eq(with.count, 10);
    cr_assert(with.lines == 2 || with.lines == count_sizes(blocks, 10));
    for (int i = 0; i < 10; i++)
        zfree(blocks[i]);
    cr_assert_eq(read_profile().lines, 0);
}

SAMPLES_TEST(one_mean_at_a_time)
{
    start(MEAN);
    cr_assert_eq(zmalloc_profile_start(MEAN), 0);
    errno = 0;
    cr_assert_eq(zmalloc_profile_start(2 * MEAN), -1);
    cr_assert_eq(errno, EBUSY);
    zmalloc_profile_stop();
    cr_assert_eq(zmalloc_profile_start(2 * MEAN), 0);
    cr_assert_eq(read_profile().mean, 2 * MEAN);
}

SAMPLES_TEST(the_mean_is_512_KiB_where_none_is_given)
{
    start(0);
    cr_assert_eq(zmalloc_profile_start((size_t)512 << 10), 0);
    cr_assert_eq(read_profile().mean, (size_t)512 << 10);
}

SAMPLES_TEST(samples_stay_known_after_the_profile_stops)
{
    start(MEAN);
    void *block = zmalloc(LARGE), *freed = zmalloc(LARGE);
    zmalloc_profile_stop();
    void *later = zmalloc(LARGE);
    cr_assert_eq(read_profile().count, 2);
    zfree(freed);
    cr_assert_eq(read_profile().count, 1);
    zfree(block);
    zfree(later);
    cr_assert_eq(read_profile().count, 0);
}

SAMPLES_TEST(samples_under_another_mean_are_left_out)
{
    start(MEAN);
    void *old = zmalloc(LARGE);
    zmalloc_profile_stop();
    start(2 * MEAN);
    cr_assert_eq(read_profile().count, 0);
    void *block = zmalloc(LARGE);
    cr_assert_eq(read_profile().count, 1);
    zfree(block);
    zfree(old);
}

SAMPLES_TEST(a_sampled_block_is_zero)
{
    start(MEAN);
    unsigned char *dirty = zmalloc(LARGE);
    memset(dirty, 0xff, LARGE);
    zfree(dirty);
    unsigned char *block = zcalloc(LARGE);
    cr_assert(is_aligned_as_sample(block));
    for (size_t i = 0; i < LARGE; i++)
        REQUIRE(block[i] == 0, "not zero at %zu", i);
    zfree(block);
}

SAMPLES_TEST(resizing_ends_the_sample_and_draws_anew)
{
    start(MEAN);
    unsigned char *block = zmalloc(LARGE);
    memset(block, 7, LARGE);
    block = zrealloc(block, 4 * LARGE);
    cr_assert(is_aligned_as_sample(block));
    for (size_t i = 0; i < LARGE; i++)
        REQUIRE(block[i] == 7, "lost at %zu", i);
    struct profile with = read_profile();
    cr_assert_eq(with.count, 1);
    cr_assert_geq(with.bytes, 4 * LARGE);
    zmalloc_profile_stop();
    block = zrealloc(block, 2 * LARGE);
    cr_assert_eq(read_profile().count, 0);
    cr_assert_eq(block[LARGE - 1], 7);
    zfree(block);
}

/* Returns how often it moves while it grows by pages. */
static unsigned grow_to(size_t most)
{
    unsigned moves = 0;
    char *block = zmalloc(MEAN);
    for (size_t n = 2 * MEAN; n <= most; n += MEAN) {
        char *grown = zrealloc(block, n);
        moves += grown != block;
        block = grown;
    }
    zfree(block);
    return moves;
}

SAMPLES_TEST(a_large_block_that_grows_is_not_copied_each_time)
{
    unsigned moves = grow_to(2 * LARGE);
    start(MEAN);
    unsigned with = grow_to(2 * LARGE);
    REQUIRE(with <= moves + 8, "%u moves, and %u without samples", with, moves);
}

SAMPLES_TEST(resizing_that_fails_leaves_the_sample)
{
    expect_no_oom();
    start(MEAN);
    void *block = zmalloc(LARGE);
    for (int was_stopped = 0; was_stopped < 2; was_stopped++) {
        zmalloc_set_hard_limit(zmalloc_used_memory() + 1000);
        cr_assert_null(zrealloc(block, opaque(4 * LARGE)));
        zmalloc_set_hard_limit(0);
        if (!SIZES_ARE_SMALL)
            cr_assert_null(ztryrealloc(block, opaque(PTRDIFF_MAX - 8192)));
        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 1);
        cr_assert_null(ztryrealloc(block, 2 * LARGE));
        cr_assert_eq(read_profile().count, 1);
        zmalloc_profile_stop();
    }
    cr_assert_eq(oom_calls, 2);
    zfree(block);
    cr_assert_eq(read_profile().count, 0);
}

SAMPLES_TEST(what_does_not_fit_a_limit_is_not_sampled)
{
    zgroup *group = zgroup_new("small", NULL, 2000);
    start(1);
    void *block = zgroup_malloc(group, 1500), *large = zmalloc(LARGE);
    cr_assert_not_null(block);
    cr_assert_eq(read_profile().count, ZM_TEST_ALIGNED_TAKES_MORE ? 1 : 2);
    cr_assert_eq(zgroup_used(group), zmalloc_size(block));
    zgroup_free(group, block);
    zfree(large);
    cr_assert_eq(zgroup_destroy(group), 0);
}

/* The block, the only sample there is. */
static void *sampled(void *block)
{
    cr_assert_eq(read_profile().count, 1);
    return block;
}

SAMPLES_TEST(every_call_frees_a_sample)
{
    zgroup *group = zgroup_new("group", NULL, 0);
    start(MEAN);
    zfree(sampled(zmalloc(LARGE)));
    zfree_no_tcache(sampled(zmalloc_no_tcache(LARGE)));
    void *block = sampled(zmalloc(LARGE));
    zfree_with_size(block, zmalloc_usable(block));
    zgroup_free(group, sampled(zgroup_calloc(group, 1, LARGE)));
    block = sampled(zgroup_malloc(group, LARGE));
    block = sampled(zgroup_realloc(group, block, 2 * LARGE));
    cr_assert_null(zgroup_realloc(group, block, 0));
    cr_assert_null(zrealloc(sampled(zaligned_alloc(8192, LARGE)), 0));
    cr_assert_eq(read_profile().count, 0);
    cr_assert_eq(zgroup_destroy(group), 0);
}

SAMPLES_TEST(a_child_has_the_samples_of_its_parent)
{
    start(MEAN);
    void *block = zmalloc(LARGE);
    pid_t child = fork();
    if (child == 0) {
        zfree(zmalloc(LARGE));
        int is_there = read_profile().count == 1;
        zfree(block);
        _exit(is_there && read_profile().count == 0 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    cr_assert_eq(read_profile().count, 1);
    zfree(block);
}

Test(samples, there_is_nothing_to_write_before_a_profile)
{
    errno = 0;
    cr_assert_eq(zmalloc_profile_write(2), -1);
    cr_assert_eq(errno, ZM_TEST_SAMPLES ? EINVAL : ENOSYS);
    zmalloc_profile_stop();
}

SAMPLES_TEST(what_cannot_be_written_is_said)
{
    start(MEAN);
    errno = 0;
    cr_assert_eq(zmalloc_profile_write(-1), -1);
    cr_assert_eq(errno, EBADF);
}

/* On Linux, which has a list of them: without it no reader could name a function. */
SAMPLES_TEST(mappings_that_cannot_be_read_are_said)
{
    struct rlimit before, none;
    if (!ZM_TEST_IS_LINUX || ZM_TEST_EMULATED)
        return;
    FILE *file = tmpfile();
    start(MEAN);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    int result = zmalloc_profile_write(fileno(file)), failure = errno;
    setrlimit(RLIMIT_NOFILE, &before);
    cr_assert_eq(result, -1);
    cr_assert_eq(failure, EMFILE);
    fclose(file);
}

Test(samples, the_mutex_counter_has_none)
{
    errno = 0;
    cr_assert_eq(zmalloc_profile_start(MEAN), ZM_TEST_SAMPLES ? 0 : -1);
    cr_assert_eq(errno, ZM_TEST_SAMPLES ? errno : ENOSYS);
    zmalloc_profile_stop();
}
