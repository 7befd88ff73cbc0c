/* Reading what zmalloc_prometheus() wrote. */
#ifndef TEST_METRICS_H
#define TEST_METRICS_H

#include <stdbool.h>

#include "common.h"
#include "zmalloc/prometheus.h"

enum { TEST_ASKS_ALL = ZMALLOC_INFO_TOTAL | ZMALLOC_INFO_SYSTEM | ZMALLOC_INFO_ALLOCATOR };

static char page[1 << 18];

static inline void scrape(unsigned what)
{
    size_t length = zmalloc_prometheus_info(page, sizeof page, what);
    cr_assert(length < sizeof page);
    cr_assert_eq(strlen(page), length);
}

static inline bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static inline const char *next_line(const char *line)
{
    return strchr(line, '\n') + 1;
}

/* The value of a series, as it stands on the page, ZMALLOC_UNKNOWN where it does not. Fails where
 * it stands there twice. */
static inline uint64_t value_of(const char *series)
{
    uint64_t value = ZMALLOC_UNKNOWN;
    for (const char *line = page; *line; line = next_line(line)) {
        if (!starts_with(line, series) || line[strlen(series)] != ' ')
            continue;
        REQUIRE(value == ZMALLOC_UNKNOWN, "%s is there twice", series);
        value = strtoull(line + strlen(series) + 1, NULL, 10);
    }
    return value;
}

/* Of a group's figure, such as "used", by the path as it is escaped. */
static inline uint64_t group_value(const char *figure, const char *path)
{
    char series[300];
    int length =
        snprintf(series, sizeof series, "zmalloc_group_%s_bytes{group=\"%s\"}", figure, path);
    cr_assert(length > 0 && (size_t)length < sizeof series);
    return value_of(series);
}

static inline size_t count_lines(const char *start)
{
    size_t count = 0;
    for (const char *line = page; *line; line = next_line(line))
        count += starts_with(line, start);
    return count;
}

static inline bool has(const char *text)
{
    return strstr(page, text) != NULL;
}

/* A metric begins with HELP and TYPE, has a sample or more, of which no two are of one series, and
 * is there once. Returns the number of samples. */
static inline size_t require_good_page(void)
{
    char name[100] = "", head[120], series[300];
    size_t samples = 0;
    for (const char *line = page; *line; line = next_line(line)) {
        if (starts_with(line, "# HELP ")) {
            size_t length = strcspn(line + 7, " ");
            REQUIRE(length < sizeof name, "a long name: %.300s", line);
            memcpy(name, line + 7, length);
            name[length] = '\0';
            REQUIRE(starts_with(name, "zmalloc_"), "the name %s", name);
            REQUIRE(strcmp(name + length - 6, "_bytes") == 0, "the name %s", name);
            snprintf(head, sizeof head, "# HELP %s ", name);
            REQUIRE(count_lines(head) == 1, "%s has two heads", name);
            snprintf(head, sizeof head, "# TYPE %s gauge\n", name);
            line = next_line(line);
            REQUIRE(starts_with(line, head), "not %.300s", line);
            line = next_line(line);
        }
        size_t length = strlen(name), end = strcspn(line, "\n");
        REQUIRE(starts_with(line, name) && strchr("{ ", line[length]), "not a sample of %s: %.300s",
                name, line);
        while (line[end] != ' ')
            end--;
        REQUIRE(end < sizeof series, "a long series: %.300s", line);
        memcpy(series, line, end);
        series[end] = '\0';
        REQUIRE(value_of(series) != ZMALLOC_UNKNOWN, "no value of %s", series);
        samples++;
    }
    return samples;
}

#endif
