/* The page for Prometheus: which figures it has, its form, and how it is written. Groups are in
 * metric_groups.c; what Prometheus itself says is in ../metrics. */
#include "metrics.h"

#include <limits.h>

/* ---- Figures ---- */

static void require_figure(const char *name, uint64_t before, uint64_t after, uint64_t tolerance)
{
    char series[100];
    snprintf(series, sizeof series, "zmalloc_%s_bytes", name);
    uint64_t value = value_of(series);
    if (before == ZMALLOC_UNKNOWN || value == ZMALLOC_UNKNOWN)
        REQUIRE(value == before, "%s is there, or is not", name);
    else
        REQUIRE(value + tolerance >= before && value <= after + tolerance,
                "%s is %llu, which was %llu and then %llu", name, (unsigned long long)value,
                (unsigned long long)before, (unsigned long long)after);
}

/* All that zmalloc_get_info tells, before and after. */
Test(metrics, figures_are_those_of_the_calls)
{
    void *block = zmalloc(1000000);
    zmalloc_set_hard_limit((size_t)1 << 30);
    zmalloc_set_soft_limit((size_t)1 << 29, NULL, NULL);
    zfree(block);
    struct zmalloc_info a, b;
    scrape(TEST_ASKS_ALL); /* the first call may set something up */
    cr_assert_eq(zmalloc_get_info(&a, sizeof a, TEST_ASKS_ALL), 0);
    scrape(TEST_ASKS_ALL);
    cr_assert_eq(zmalloc_get_info(&b, sizeof b, TEST_ASKS_ALL), 0);
    cr_assert(a.peak > a.used + 900000);
    require_figure("used", a.used, b.used, 0);
    require_figure("peak", a.peak, b.peak, 0);
    require_figure("hard_limit", (size_t)1 << 30, (size_t)1 << 30, 0);
    require_figure("soft_limit", (size_t)1 << 29, (size_t)1 << 29, 0);
    require_figure("resident", a.rss, b.rss, 4 << 20);
    require_figure("memory_size", a.memory_size, b.memory_size, 0);
    require_figure("memory_limit", a.memory_limit, b.memory_limit, 0);
    require_figure("allocator_allocated", a.allocated, b.allocated, 0);
    require_figure("allocator_active", a.active, b.active, 0);
    require_figure("allocator_resident", a.resident, b.resident, 0);
    require_figure("allocator_retained", a.retained, b.retained, 0);
    require_figure("allocator_muzzy", a.muzzy, b.muzzy, 0);
    require_good_page();
    zmalloc_set_hard_limit(0);
    zmalloc_set_soft_limit(0, NULL, NULL);
}

Test(metrics, what_is_not_there_is_left_out)
{
    scrape(TEST_ASKS_ALL);
    cr_assert(!has("limit_bytes") || value_of("zmalloc_memory_limit_bytes") != ZMALLOC_UNKNOWN);
    cr_assert(!has("hard_limit") && !has("soft_limit") && !has("group"));
    cr_assert(!has("18446744073709551615"));
    cr_assert_eq(has("zmalloc_allocator_"), TEST_ALLOCATOR_TELLS != TEST_TELLS_NOTHING);
    cr_assert_eq(has("zmalloc_allocator_resident_bytes"), TEST_ALLOCATOR_TELLS == TEST_TELLS_ALL);
    /* Client libraries have these. */
    cr_assert(!has("process_") && !has(" go_"));
}

Test(metrics, what_was_not_asked_for_is_left_out)
{
    zgroup *group = zgroup_new("always", NULL, 0);
    scrape(ZMALLOC_INFO_TOTAL);
    cr_assert(has("zmalloc_used_bytes") && !has("resident") && !has("allocator"));
    scrape(ZMALLOC_INFO_SYSTEM);
    cr_assert(!has("zmalloc_used_bytes") && has("zmalloc_memory_size_bytes") && !has("allocator"));
    scrape(0);
    cr_assert_eq(require_good_page(), 2);
    cr_assert_eq(group_value("used", "always"), 0);
    zgroup_destroy(group);
}

/* glibc's allocator takes long to tell. */
Test(metrics, the_c_librarys_allocator_is_asked_on_demand_only)
{
    cr_assert(zmalloc_prometheus(page, sizeof page) < sizeof page);
    cr_assert(has("zmalloc_used_bytes") && has("zmalloc_memory_size_bytes"));
    bool is_told = TEST_ALLOCATOR_TELLS != TEST_TELLS_NOTHING;
    cr_assert_eq(has("zmalloc_allocator_"), is_told && strcmp(zmalloc_lib(), "libc") != 0);
    require_good_page();
}

/* ---- Writing ---- */

/* Figures with digits of all kinds, and each part of a page. */
Test(metrics, any_length_is_written_as_by_snprintf)
{
    static char whole[8192], part[8192];
    zmalloc_set_hard_limit(SIZE_MAX - 1);
    zgroup *outer = zgroup_new("a \"quoted\" \\ name", NULL, 1234567890), //
        *inner = zgroup_new("\n\xff", outer, 0);
    size_t length = zmalloc_prometheus_info(whole, sizeof whole, ZMALLOC_INFO_TOTAL);
    cr_assert(length > 500 && length < sizeof whole - 10);
    cr_assert_eq(strlen(whole), length);
    char most[60];
    snprintf(most, sizeof most, "zmalloc_hard_limit_bytes %zu\n", SIZE_MAX - 1);
    cr_assert(strstr(whole, most));
    cr_assert_eq(zmalloc_prometheus_info(NULL, 0, ZMALLOC_INFO_TOTAL), length);
    for (size_t len = 0; len < length + 10; len++) {
        memset(part, '#', sizeof part);
        REQUIRE(zmalloc_prometheus_info(part, len, ZMALLOC_INFO_TOTAL) == length,
                "another length at %zu", len);
        size_t kept = len == 0 ? 0 : len - 1 < length ? len - 1 : length;
        REQUIRE(memcmp(part, whole, kept) == 0, "another text at %zu", len);
        REQUIRE(len == 0 || part[kept] == '\0', "no NUL at %zu", len);
        for (size_t i = len == 0 ? 0 : kept + 1; i < sizeof part; i++)
            REQUIRE(part[i] == '#', "with a length of %zu, byte %zu is written", len, i);
    }
    zgroup_destroy(inner);
    zgroup_destroy(outer);
    zmalloc_set_hard_limit(0);
}

/* At a limit, and where every allocation fails; and no figure has changed after it. */
Test(metrics, nothing_is_allocated)
{
    zgroup *group = zgroup_new("full", NULL, 100);
    cr_assert_eq(zgroup_charge(group, 100), 0);
    size_t used = zmalloc_used_memory();
    zmalloc_set_hard_limit(used);
    zmalloc_reset_peak_memory();
    zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_EVERY, 1);
    expect_no_oom();
    errno = EDOM;
    size_t length = zmalloc_prometheus(page, sizeof page);
    cr_assert_eq(errno, EDOM);
    cr_assert_eq(zmalloc_failed(ZMALLOC_ALL_THREADS), 0);
    zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NONE, 0);
    zmalloc_set_hard_limit(0);
    cr_assert_eq(oom_calls, 0);
    zmalloc_set_oom_handler(NULL);
    cr_assert_eq(strlen(page), length);
    cr_assert_eq(value_of("zmalloc_used_bytes"), used);
    cr_assert_eq(group_value("used", "full"), 100);
    cr_assert_eq(group_value("limit", "full"), 100);
    cr_assert_eq(zmalloc_used_memory(), used);
    cr_assert_eq(zmalloc_get_peak_memory(), used);
    zgroup_discharge(group, 100);
    zgroup_destroy(group);
}

Test(metrics, no_groups_are_no_metrics_of_groups)
{
    scrape(TEST_ASKS_ALL);
    cr_assert(!has("zmalloc_group_"));
    cr_assert(require_good_page() > 0);
}
