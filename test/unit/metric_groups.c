/* Groups on the page for Prometheus: their paths, what is summed, and any number of them. */
#include "metrics.h"

#include <pthread.h>
#include <stdatomic.h>

static zgroup *held(const char *name, zgroup *within, size_t limit, size_t bytes)
{
    zgroup *group = zgroup_new(name, within, limit);
    cr_assert(group);
    cr_assert_eq(zgroup_charge(group, bytes), 0);
    return group;
}

static void drop(zgroup *group, size_t bytes)
{
    zgroup_discharge(group, bytes);
    REQUIRE(zgroup_destroy(group) == 0, "a group is in use");
}

Test(metric_groups, a_path_is_the_names_of_the_parents_and_its_own)
{
    zgroup *a = held("a", NULL, 1000, 1), *b = held("b", a, 0, 20), *c = held("c", b, 500, 300);
    zgroup_discharge(c, 100);
    scrape(0);
    cr_assert_eq(require_good_page(), 3 + 3 + 2);
    cr_assert_eq(group_value("used", "a"), 221);
    cr_assert_eq(group_value("used", "a/b"), 220);
    cr_assert_eq(group_value("used", "a/b/c"), 200);
    cr_assert_eq(group_value("peak", "a"), 321);
    cr_assert_eq(group_value("peak", "a/b"), 320);
    cr_assert_eq(group_value("peak", "a/b/c"), 300);
    cr_assert_eq(group_value("limit", "a"), 1000);
    cr_assert_eq(group_value("limit", "a/b"), ZMALLOC_UNKNOWN);
    cr_assert_eq(group_value("limit", "a/b/c"), 500);
    drop(c, 200);
    drop(b, 20);
    drop(a, 1);
    scrape(0);
    cr_assert_str_eq(page, "");
}

/* Two of one name, one more whose name is a path, and others that are near to it. */
Test(metric_groups, groups_of_one_path_are_summed)
{
    zgroup *a = held("a", NULL, 0, 0), *one = held("b", a, 500, 1), *two = held("b", a, 600, 20),
           *flat = held("a/b", NULL, 700, 300), *long_one = held("a/b/", NULL, 0, 4000),
           *b = held("b", NULL, 0, 50000);
    zgroup_discharge(flat, 200);
    scrape(0);
    cr_assert_eq(group_value("used", "a"), 21);
    cr_assert_eq(group_value("used", "a/b"), 121);
    cr_assert_eq(group_value("peak", "a/b"), 321);
    cr_assert_eq(group_value("limit", "a/b"), 1800);
    cr_assert_eq(group_value("used", "a/b/"), 4000);
    cr_assert_eq(group_value("used", "b"), 50000);
    cr_assert_eq(require_good_page(), 4 + 4 + 1);
    drop(b, 50000);
    drop(long_one, 4000);
    drop(flat, 100);
    drop(two, 20);
    drop(one, 1);
    drop(a, 0);
}

/* A sum that one of them may pass is no limit. Nor is one that does not fit. */
Test(metric_groups, limits_are_summed_where_each_has_one)
{
    zgroup *same[3] = {held("same", NULL, 10, 0), held("same", NULL, 0, 0),
                       held("same", NULL, 30, 0)};
    scrape(0);
    cr_assert(!has("zmalloc_group_limit_bytes"));
    zgroup_set_limit(same[1], 20);
    scrape(0);
    cr_assert_eq(group_value("limit", "same"), 60);
    for (int i = 0; i < 3; i++)
        zgroup_set_limit(same[i], SIZE_MAX / 2);
    scrape(0);
    if (SIZE_MAX == UINT64_MAX)
        cr_assert(!has("zmalloc_group_limit_bytes"));
    else
        cr_assert_eq(group_value("limit", "same"), (uint64_t)3 * (SIZE_MAX / 2));
    for (int i = 0; i < 3; i++)
        drop(same[i], 0);
}

/* What a name becomes. U+FFFD is "\xef\xbf\xbd". */
#define BAD "\xef\xbf\xbd"
static const struct {
    const char *name, *path;
} names[] = {
    {"", ""},
    {"plain name, {of} # 7 bit = ok", "plain name, {of} # 7 bit = ok"},
    {"\"\\\n", "\\\"\\\\\\n"},
    {"\\n\\\\", "\\\\n\\\\\\\\"},
    {"\t\r\x01\x7f", "\t\r\x01\x7f"},
    {"a/b", "a/b"},
    {"\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf"},
    {"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
     "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"},
    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
    {"caf\xe9", "caf" BAD},           /* Latin-1 */
    {"\xc3\xa9\xa9", "\xc3\xa9" BAD}, /* one byte too many */
    {"\xc3", BAD},                    /* and too few */
    {"\xe2\x82", BAD BAD},
    {"\xf0\x9f\x98", BAD BAD BAD},
    {"\xe2\x82z", BAD BAD "z"},
    {"\xf0\x9f\x98\xe2\x82\xac", BAD BAD BAD "\xe2\x82\xac"},
    {"\x80\xbf", BAD BAD},                 /* never a start */
    {"\xc0\xaf\xc1\xbf", BAD BAD BAD BAD}, /* longer than needed */
    {"\xe0\x9f\xbf", BAD BAD BAD},
    {"\xf0\x8f\xbf\xbf", BAD BAD BAD BAD},
    {"\xed\xa0\x80", BAD BAD BAD},                                         /* a surrogate */
    {"\xf4\x90\x80\x80\xf5\x80\x80\x80", BAD BAD BAD BAD BAD BAD BAD BAD}, /* above U+10FFFF */
    {"\xfe\xff", BAD BAD},
};

Test(metric_groups, names_are_escaped_and_are_utf8)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[100];
        zgroup *outer = held(names[i].name, NULL, 0, 5), *inner = held(names[i].name, outer, 0, 2);
        scrape(0);
        REQUIRE(group_value("used", names[i].path) == 7, "name %zu", i);
        snprintf(path, sizeof path, "%s/%s", names[i].path, names[i].path);
        REQUIRE(group_value("used", path) == 2, "name %zu, inner", i);
        REQUIRE(require_good_page() == 4, "name %zu, both", i);
        drop(inner, 2);
        drop(outer, 5);
    }
}

/* It is what is written that Prometheus takes for one series. */
Test(metric_groups, paths_that_are_written_alike_are_summed)
{
    zgroup *same[3] = {held("x\xff", NULL, 0, 1), held("x\xfe", NULL, 0, 20),
                       held("x" BAD, NULL, 0, 300)};
    scrape(0);
    cr_assert_eq(group_value("used", "x" BAD), 321);
    cr_assert_eq(require_good_page(), 2);
    for (size_t i = 0; i < 3; i++)
        drop(same[i], (const size_t[]){1, 20, 300}[i]);
}

/* ---- Many ---- */

/* Two of each name, created in an order that goes up, down, or neither. */
static void require_many(size_t n, size_t step)
{
    static zgroup *all[2][600];
    char name[32];
    for (size_t i = 0; i < 2 * n; i++) {
        size_t at = i * step % n;
        snprintf(name, sizeof name, "n%zu", at);
        all[i / n][at] = held(name, NULL, 0, at + 1);
    }
    scrape(0);
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "n%zu", i);
        REQUIRE(group_value("used", name) == 2 * (i + 1), "%s of %zu, step %zu", name, n, step);
    }
    REQUIRE(count_lines("zmalloc_group_used_bytes{") == n, "more than %zu samples", n);
    REQUIRE(count_lines("zmalloc_group_peak_bytes{") == n, "more than %zu samples", n);
    for (size_t i = 0; i < 2 * n; i++)
        drop(all[i / n][i % n], i % n + 1);
}

Test(metric_groups, any_number_is_written_once_each)
{
    const size_t numbers[] = {1, 2, 127, 128, 129, 255, 256, 257, 599};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        require_many(numbers[i], 1);
        require_many(numbers[i], numbers[i] - 1 ? numbers[i] - 1 : 1);
    }
    require_many(599, 233);
}

/* Also the length of it, where there is no buffer. */
Test(metric_groups, any_depth)
{
    enum { DEPTH = 600 };
    static zgroup *chain[DEPTH + 1];
    size_t length = 0, path = 0;
    char name[32];
    for (size_t i = 0; i < DEPTH; i++) {
        snprintf(name, sizeof name, "%03zu", i);
        chain[i + 1] = held(name, chain[i], 0, 0);
        path += 3 + (i > 0);
        length += 2 * (strlen("zmalloc_group_used_bytes{group=\"\"} 0\n") + path);
    }
    zgroup *first = held("last", NULL, 0, 0);
    size_t whole = zmalloc_prometheus_info(NULL, 0, 0);
    cr_assert(whole > length && whole < length + 400, "%zu, not %zu and the heads", whole, length);
    drop(first, 0);
    for (size_t i = DEPTH; i > 0; i--)
        drop(chain[i], 0);
}

static int scrape_within(zgroup *group, void *context)
{
    (void)context;
    scrape(0);
    REQUIRE(group_value("used", zgroup_name(group)) == 7, "%s", zgroup_name(group));
    return 0;
}

Test(metric_groups, works_within_zgroup_each)
{
    zgroup *a = held("a", NULL, 0, 7), *b = held("b", NULL, 0, 7);
    cr_assert_eq(zgroup_each(scrape_within, NULL), 0);
    drop(b, 7);
    drop(a, 7);
}

enum { ROUNDS = ZM_TEST_EMULATED ? 100 : 3000 };

static atomic_uint rounds;

static void *come_and_go(void *context)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        zgroup *groups[200];
        char name[32];
        for (unsigned k = 0; k < 200; k++) {
            snprintf(name, sizeof name, "g%u", (i + k * 7) % 190);
            groups[k] = zgroup_new(name, context, 0);
        }
        for (unsigned k = 0; k < 200; k++)
            zgroup_destroy(groups[k]);
        atomic_fetch_add(&rounds, 1);
    }
    return NULL;
}

/* A page has the groups of one moment: those with a used figure have a peak as well. */
Test(metric_groups, groups_come_and_go_between_pages_only)
{
    zgroup *outer = zgroup_new("outer", NULL, 0);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, come_and_go, outer), 0);
    while (atomic_load(&rounds) < ROUNDS) {
        scrape(0);
        REQUIRE(count_lines("zmalloc_group_used") == count_lines("zmalloc_group_peak"),
                "groups have come or gone within a page");
    }
    pthread_join(thread, NULL);
    cr_assert_eq(zgroup_destroy(outer), 0);
}
