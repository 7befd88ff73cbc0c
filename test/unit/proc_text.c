/* The parsers of /proc text, on text that no kernel printed. */
#include "probe/proc_text.h"
#include "common.h"

typedef int resident_parser(const char *text, size_t length, size_t *pages);

/* The text in a block of just its length, so that a sanitizer sees a read past it. */
static int parse(resident_parser *parser, const char *text, size_t *pages)
{
    size_t length = strlen(text);
    char *exact = malloc(length ? length : 1);
    memcpy(exact, text, length);
    int result = parser(exact, length, pages);
    free(exact);
    return result;
}

static void expect_pages(resident_parser *parser, const char *text, size_t expected)
{
    size_t pages = 0;
    cr_assert_eq(parse(parser, text, &pages), 0, "%s", text);
    cr_assert_eq(pages, expected, "%s gave %zu", text, pages);
}

static void expect_refused(resident_parser *parser, const char *text)
{
    size_t pages = 77;
    cr_assert_eq(parse(parser, text, &pages), -1, "%s", text);
    cr_assert_eq(pages, 77, "%s stored a figure", text);
}

Test(proc_text, statm_resident_is_its_second_number)
{
    expect_pages(zm_statm_resident, "1234 567 89 1 0 2 0\n", 567);
    expect_pages(zm_statm_resident, "1234 567", 567);
    expect_pages(zm_statm_resident, "0 0 0 0 0 0 0\n", 0);
}

Test(proc_text, statm_of_another_form_is_refused)
{
    static const char *const texts[] = {
        "",      "\n", "1234", "1234 ", "1234 x", "1234 -5 0", "1 99999999999999999999999999 3",
        "1 5x 3"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_refused(zm_statm_resident, texts[i]);
}

#define AFTER_NAME " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 %s 25 26\n"

Test(proc_text, stat_resident_stands_behind_any_name)
{
    static const char *const names[] = {"cat", "a) b (c", ")", "", "((((", ") 1 2 3 (", "a b c d"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "42 (%s)" AFTER_NAME, names[i], "4321");
        expect_pages(zm_stat_resident, text, 4321);
    }
}

Test(proc_text, stat_takes_negative_numbers_on_the_way)
{
    expect_pages(zm_stat_resident,
                 "42 (cat) R -1 2 3 -4 5 6 7 8 9 10 11 12 13 14 15 16 -17 18 19 20 99 25", 99);
}

Test(proc_text, stat_of_another_form_is_refused)
{
    static const char *const texts[] = {
        "",
        "42 (cat",
        "42 (cat)",
        "42 (cat) S 1 2 3",
        "42 cat S 1 2",
        "42 (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 x 25"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_refused(zm_stat_resident, texts[i]);
}

static struct zm_smaps_sum sum_of(const char *field, const char *text)
{
    struct zm_smaps_sum sum = {.field = field, .field_length = strlen(field)};
    size_t length = strlen(text);
    char *exact = malloc(length ? length : 1);
    memcpy(exact, text, length);
    zm_smaps_add(&sum, exact, length);
    free(exact);
    return sum;
}

static const char two_mappings[] = "00400000-00401000 r-xp 00000000 08:02 173521 /bin/Rss: 44 kB\n"
                                   "Size:                 16 kB\n"
                                   "Rss:                   4 kB\n"
                                   "Private_Dirty:         8 kB\n"
                                   "VmFlags: rd ex mr\n"
                                   "7f00-7f01 rw-p 00000000 00:00 0\n"
                                   "Size:               1024 kB\n"
                                   "Rss:                 100 kB\n"
                                   "Private_Dirty:        96 kB\n";

Test(proc_text, smaps_sums_a_field_over_all_mappings)
{
    cr_assert_eq(sum_of("Rss", two_mappings).bytes, 104 * 1024);
    cr_assert_eq(sum_of("Size", two_mappings).bytes, 1040 * 1024);
    cr_assert_eq(sum_of("Private_Dirty", two_mappings).bytes, 104 * 1024);
}

Test(proc_text, smaps_field_is_found_even_if_zero)
{
    cr_assert_eq(sum_of("Rss", "Rss: 0 kB\n").found, 1);
    cr_assert_eq(sum_of("Rss", "Rss: 0 kB\n").bytes, 0);
}

Test(proc_text, status_and_meminfo_are_read_alike)
{
    cr_assert_eq(sum_of("HugetlbPages", "VmRSS:\t  1624 kB\nHugetlbPages:\t    4096 kB\n").bytes,
                 4096 * 1024);
    cr_assert_eq(sum_of("Hugetlb", "HugePages_Total:       4\nHugetlb:         8192 kB\n").bytes,
                 8192 * 1024);
    cr_assert_eq(sum_of("HugePages_Total", "HugePages_Total:       4\n").found, 0);
}

Test(proc_text, smaps_sums_two_fields_at_once)
{
    struct zm_smaps_sum sums[] = {{.field = "Rss", .field_length = 3},
                                  {.field = "Private_Dirty", .field_length = 13}};
    char text[sizeof two_mappings];
    memcpy(text, two_mappings, sizeof text);
    cr_assert_eq(zm_smaps_add_piece(sums, 2, text, sizeof text, sizeof text - 1), 0);
    cr_assert_eq(sums[0].bytes, 104 * 1024);
    cr_assert_eq(sums[1].bytes, 104 * 1024);
}

Test(proc_text, a_sum_stops_at_the_largest_size)
{
    cr_assert_eq(zm_saturating_add(1, 2), 3);
    cr_assert_eq(zm_saturating_add(SIZE_MAX - 1, 1), SIZE_MAX);
    cr_assert_eq(zm_saturating_add(SIZE_MAX, 1), SIZE_MAX);
    cr_assert_eq(zm_saturating_add(2, SIZE_MAX - 1), SIZE_MAX);
}

Test(proc_text, smaps_takes_only_whole_names_and_kibibytes)
{
    static const char *const texts[] = {"Rss2: 4 kB\n", "xRss: 4 kB\n",
                                        " Rss: 4 kB\n", "Rss 4 kB\n",
                                        "Rss: 4 MB\n",  "Rss: 4\n",
                                        "Rss: kB\n",    "Rss: -4 kB\n",
                                        "Rss: 4 kBx\n", "Rss:\n",
                                        "Rss\n",        "R\n",
                                        "\n",           ""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_assert_eq(sum_of("Rss", texts[i]).found, 0, "%s", texts[i]);
}

Test(proc_text, smaps_leaves_a_line_without_its_end)
{
    struct zm_smaps_sum sum = {.field = "Rss", .field_length = 3};
    cr_assert_eq(zm_smaps_add(&sum, "Rss: 4 kB\nRss: 4 k", 19), 10);
    cr_assert_eq(sum.bytes, 4096);
    cr_assert_eq(zm_smaps_add(&sum, "Rss: 5 kB", 9), 0);
    cr_assert_eq(sum.bytes, 4096);
}

Test(proc_text, smaps_may_be_cut_anywhere)
{
    for (size_t cut = 0; cut < sizeof two_mappings; cut++) {
        struct zm_smaps_sum sum = {.field = "Rss", .field_length = 3};
        size_t taken = zm_smaps_add(&sum, two_mappings, cut);
        zm_smaps_add(&sum, two_mappings + taken, sizeof two_mappings - 1 - taken);
        REQUIRE(sum.bytes == 104 * 1024, "cut at %zu: %zu", cut, sum.bytes);
    }
}

Test(proc_text, smaps_line_longer_than_the_buffer_is_no_fields)
{
    char text[] = "Rxxxxxxxxxxxxxxxss: 4 kB\nRss: 8 kB\n";
    char buffer[16];
    struct zm_smaps_sum sum = {.field = "Rss", .field_length = 3};
    size_t kept = 0;
    for (size_t at = 0; at < sizeof text - 1;) {
        size_t left = sizeof text - 1 - at;
        size_t piece = left < sizeof buffer - kept ? left : sizeof buffer - kept;
        memcpy(buffer + kept, text + at, piece);
        kept = zm_smaps_add_piece(&sum, 1, buffer, sizeof buffer, kept + piece);
        at += piece;
    }
    cr_assert_eq(sum.bytes, 8 * 1024, "%zu", sum.bytes);
}

Test(proc_text, smaps_sum_stops_at_the_largest_size)
{
    char text[128];
    snprintf(text, sizeof text, "Rss: %zu kB\nRss: 1 kB\n", SIZE_MAX);
    cr_assert_eq(sum_of("Rss", text).bytes, SIZE_MAX);
}
