/* What the allocator says of itself, and all figures in one struct. */
#include "common.h"

/* ---- zmalloc_get_allocator_info ---- */

/* 0 for what the allocator does not tell. */
Test(info, stores_what_is_told_and_0_for_the_rest)
{
    size_t allocated = 1, active = 1, resident = 1;
    void *block = zmalloc(100);
    errno = EDOM;
    cr_assert_eq(zmalloc_get_allocator_info(&allocated, &active, &resident),
                 TEST_ALLOCATOR_TELLS != TEST_TELLS_NOTHING);
    cr_assert_eq(errno, EDOM);
    cr_assert_eq(allocated > 0,
                 TEST_ALLOCATOR_TELLS != TEST_TELLS_NOTHING && !UNDER_ADDRESS_SANITIZER);
    cr_assert_eq(active > 0, TEST_ALLOCATOR_TELLS == TEST_TELLS_ALL);
    cr_assert_eq(resident > 0, TEST_ALLOCATOR_TELLS == TEST_TELLS_ALL);
    cr_assert(active == 0 || (allocated <= active && active <= resident));
    zfree(block);
}

Test(info, null_ok)
{
    size_t allocated = 1;
    int told = zmalloc_get_allocator_info(NULL, NULL, NULL);
    cr_assert_eq(zmalloc_get_allocator_info(&allocated, NULL, NULL), told);
}

#if TEST_ALLOCATOR_TELLS != TEST_TELLS_NOTHING

/* A sanitizer's own malloc does not tell glibc's mallinfo2 what it hands out. */
Test(info, allocated_follows_a_large_block, .disabled = UNDER_ADDRESS_SANITIZER)
{
    const size_t n = (size_t)48 << 20;
    size_t before, with, after;
    zmalloc_get_allocator_info(&before, NULL, NULL);
    void *block = written_block(n);
    zmalloc_get_allocator_info(&with, NULL, NULL);
    zfree(block);
    zmalloc_get_allocator_info(&after, NULL, NULL);
    cr_assert_geq(with, before + n);
    cr_assert_leq(after, with - n + 65536);
}

#endif

#if TEST_ALLOCATOR_TELLS == TEST_TELLS_ALL

Test(info, active_and_resident_follow_a_large_block)
{
    const size_t n = (size_t)48 << 20;
    size_t active[2], resident[2];
    zmalloc_get_allocator_info(NULL, &active[0], &resident[0]);
    void *block = written_block(n);
    zmalloc_get_allocator_info(NULL, &active[1], &resident[1]);
    cr_assert_geq(active[1], active[0] + n);
    cr_assert_geq(resident[1], resident[0] + n);
    zfree(block);
    zmalloc_get_allocator_info(NULL, &active[0], NULL);
    cr_assert_leq(active[0], active[1] - n + 65536);
}

#endif

/* ---- zmalloc_get_info ---- */

Test(info, tells_all_that_the_single_calls_tell)
{
    struct zmalloc_info info;
    void *block = written_block((size_t)1 << 20);
    errno = EDOM;
    cr_assert_eq(
        zmalloc_get_info(&info, sizeof info,
                         ZMALLOC_INFO_TOTAL | ZMALLOC_INFO_SYSTEM | ZMALLOC_INFO_ALLOCATOR),
        0);
    cr_assert_eq(errno, EDOM);
    cr_assert_eq(info.used, zmalloc_used_memory());
    cr_assert_eq(info.peak, zmalloc_get_peak_memory());
    cr_assert_eq(info.hard_limit, 0);
    cr_assert_eq(info.soft_limit, 0);
    cr_assert_eq(info.memory_size, zmalloc_get_memory_size());
    cr_assert_eq(info.memory_limit, zmalloc_get_memory_limit());
    cr_assert_neq(info.rss, ZMALLOC_UNKNOWN);
    ptrdiff_t off = (ptrdiff_t)(info.rss - zmalloc_get_rss());
    cr_assert(off < (4 << 20) && off > -(4 << 20), "rss off by %td", off);
    zfree(block);
}

Test(info, an_unknown_figure_is_not_0)
{
    struct zmalloc_info info;
    zmalloc_get_info(&info, sizeof info, ZMALLOC_INFO_ALLOCATOR);
    cr_assert_eq(info.allocated == ZMALLOC_UNKNOWN, TEST_ALLOCATOR_TELLS == TEST_TELLS_NOTHING);
    cr_assert_eq(info.active == ZMALLOC_UNKNOWN, TEST_ALLOCATOR_TELLS != TEST_TELLS_ALL);
    cr_assert_eq(info.resident == ZMALLOC_UNKNOWN, TEST_ALLOCATOR_TELLS != TEST_TELLS_ALL);
    int is_jemalloc = strncmp(ZMALLOC_LIB, "jemalloc", 8) == 0;
    cr_assert_eq(info.retained == ZMALLOC_UNKNOWN, !is_jemalloc);
    cr_assert_eq(info.muzzy == ZMALLOC_UNKNOWN, !is_jemalloc);
    cr_assert_eq(info.peak, ZMALLOC_UNKNOWN);
}

Test(info, what_is_not_asked_for_is_unknown)
{
    struct zmalloc_info info;
    cr_assert_eq(zmalloc_get_info(&info, sizeof info, ZMALLOC_INFO_TOTAL), 0);
    cr_assert_neq(info.used, ZMALLOC_UNKNOWN);
    cr_assert_eq(info.rss, ZMALLOC_UNKNOWN);
    cr_assert_eq(info.allocated, ZMALLOC_UNKNOWN);
    cr_assert_eq(zmalloc_get_info(&info, sizeof info, ZMALLOC_INFO_SYSTEM), 0);
    cr_assert_eq(info.used, ZMALLOC_UNKNOWN);
    cr_assert_eq(info.hard_limit, ZMALLOC_UNKNOWN);
    cr_assert_neq(info.rss, ZMALLOC_UNKNOWN);
    cr_assert_eq(zmalloc_get_info(&info, sizeof info, 0), 0);
    cr_assert_eq(info.used, ZMALLOC_UNKNOWN);
    cr_assert_eq(zmalloc_get_info(&info, sizeof info, ~0U), 0);
    cr_assert_neq(info.used, ZMALLOC_UNKNOWN);
}

/* A program built with a header that has fewer fields, and one whose header has more. */
Test(info, writes_the_bytes_the_caller_knows_and_no_other)
{
    union {
        struct zmalloc_info info;
        uint64_t words[sizeof(struct zmalloc_info) / sizeof(uint64_t) + 2];
    } longer;
    memset(&longer, 0, sizeof longer);
    cr_assert_eq(zmalloc_get_info(&longer.info, sizeof(uint64_t), ZMALLOC_INFO_TOTAL), 0);
    cr_assert_eq(longer.info.used, zmalloc_used_memory());
    for (size_t i = 1; i < sizeof longer / sizeof(uint64_t); i++)
        REQUIRE(longer.words[i] == 0, "word %zu was written to", i);

    cr_assert_eq(zmalloc_get_info(&longer.info, sizeof longer, ZMALLOC_INFO_TOTAL), 0);
    cr_assert_eq(longer.info.used, zmalloc_used_memory());
    for (size_t i = sizeof(struct zmalloc_info) / 8; i < sizeof longer / sizeof(uint64_t); i++)
        REQUIRE(longer.words[i] == ZMALLOC_UNKNOWN, "word %zu is not unknown", i);
}

Test(info, a_struct_that_cannot_be_is_einval)
{
    struct zmalloc_info info = {.used = 77};
    const size_t bad[] = {0, 4, 12, sizeof info - 1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        errno = 0;
        cr_assert_eq(zmalloc_get_info(&info, bad[i], ZMALLOC_INFO_TOTAL), -1);
        cr_assert_eq(errno, EINVAL);
    }
    errno = 0;
    cr_assert_eq(zmalloc_get_info(NULL, sizeof info, ZMALLOC_INFO_TOTAL), -1);
    cr_assert_eq(errno, EINVAL);
    cr_assert_eq(info.used, 77);
}
