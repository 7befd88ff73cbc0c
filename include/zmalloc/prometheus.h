/* Metrics for Prometheus: all figures, and those of the groups, as the text that it scrapes.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/prometheus.h>
 *
 *     char page[1 << 16];
 *     size_t length = zmalloc_prometheus(page, sizeof page);
 *     if (length < sizeof page)
 *         answer(ZMALLOC_PROMETHEUS_TYPE, page, length); // by the HTTP server that you have
 *
 * Every metric is a gauge in bytes. A figure that nobody tells is left out, and so is a limit where
 * there is none:
 *
 *     zmalloc_used_bytes               zmalloc_used_memory()
 *     zmalloc_peak_bytes               zmalloc_get_peak_memory()
 *     zmalloc_hard_limit_bytes         zmalloc_get_hard_limit()
 *     zmalloc_soft_limit_bytes         zmalloc_get_soft_limit()
 *     zmalloc_resident_bytes           the process's, which client libraries name otherwise
 *     zmalloc_memory_size_bytes        zmalloc_get_memory_size()
 *     zmalloc_memory_limit_bytes       zmalloc_get_memory_limit()
 *     zmalloc_allocator_allocated_bytes, _active_, _resident_, _retained_ and _muzzy_bytes
 *                                      what the allocator says: zmalloc_get_info()
 *     zmalloc_group_used_bytes{group="PATH"}, _peak_ and _limit_bytes
 *                                      of groups: zgroup_used() and its kin
 *
 * PATH is the names from the outermost parent down, with a '/' between them. Groups of one path are
 * one sample, as Prometheus takes no two: the sum of what they use; the sum of their peaks, which
 * the peak of the sum may have stayed below; and the sum of their limits where each has one. It is
 * the text that counts: a group "a/b" and a child "b" of "a" are one path, so leave '/' out of
 * names that are to stay apart. What is not UTF-8, which Prometheus refuses with all of the page,
 * becomes U+FFFD, a character a byte. As each path is a time series that is kept for weeks, groups
 * of queries or connections should share a name.
 *
 * Nothing is allocated, so a scrape works at any limit and changes no figure. While the groups are
 * written other threads that create or destroy groups wait; with n groups of different paths
 * each is looked at 3 * (n / 128 + 1) times. */
#ifndef ZMALLOC_PROMETHEUS_H
#define ZMALLOC_PROMETHEUS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../zmalloc.h"
#include "prometheus_text.h"

/* The Content-Type of the text. */
#define ZMALLOC_PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Writes the text as snprintf does: at most len bytes, the last of them a NUL, and returns the
 * length of the whole text without the NUL. What is returned is not below len where it did not fit.
 * buf may be NULL where len is 0. Figures change from call to call, and the length with them: with
 * a buffer of a length that was told, look at the length that is returned then.
 *
 * The allocator is asked unless it is the C library's: glibc's walks all free chunks, with its
 * locks held, which may take 200 ms. Any thread may call this. errno is kept. */
static inline size_t zmalloc_prometheus(char *buf, size_t len);

/* The same with the choice of what to ask for, as zmalloc_get_info() takes it: ZMALLOC_INFO_TOTAL,
 * ZMALLOC_INFO_SYSTEM and ZMALLOC_INFO_ALLOCATOR, combined with |. Groups are always there. */
static inline size_t zmalloc_prometheus_info(char *buf, size_t len, unsigned what);

/* ---- Groups. What begins with zm_ is not for callers. ----
 *
 * There is no memory for all sums. So the paths are gone through in their order, some at a time. */

enum { ZM_PROM_BATCH = 128 };

struct zm_prom_sum {
    const zgroup *group; /* the first that was met of its path */
    uint64_t bytes;      /* ZMALLOC_UNKNOWN where there is no sum */
};

struct zm_prom_batch {
    const struct zm_prom_metric *metric;
    const zgroup *last; /* of the batch before; NULL in the first */
    size_t count;
    struct zm_prom_sum sums[ZM_PROM_BATCH]; /* of the least paths after that, in their order */
};

/* Where the path is in the batch, or belongs: the first that is not below it. */
static inline size_t zm_prom_find(const struct zm_prom_batch *batch, const zgroup *group)
{
    size_t low = 0, high = batch->count;
    if (high > 0 && zm_prom_compare(batch->sums[high - 1].group, group) < 0)
        return high; /* most, of many groups */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zm_prom_compare(batch->sums[middle].group, group) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline uint64_t zm_prom_ask(const struct zm_prom_metric *metric, const zgroup *group)
{
    uint64_t bytes = metric->figure(group);
    return metric->figure == zgroup_get_limit ? zm_prom_limit(bytes) : bytes;
}

/* For zgroup_each. A path that lesser ones put out of a full batch does not come back into it, so
 * those that stay have all of their groups. */
static inline int zm_prom_collect(zgroup *group, void *context)
{
    struct zm_prom_batch *batch = (struct zm_prom_batch *)context;
    if (batch->last && zm_prom_compare(group, batch->last) <= 0)
        return 0;
    size_t at = zm_prom_find(batch, group);
    struct zm_prom_sum *sum = &batch->sums[at];
    if (at < batch->count && zm_prom_compare(sum->group, group) == 0) {
        uint64_t more = zm_prom_ask(batch->metric, group);
        sum->bytes = sum->bytes > ZMALLOC_UNKNOWN - more ? ZMALLOC_UNKNOWN : sum->bytes + more;
    } else if (at < ZM_PROM_BATCH) {
        size_t above = batch->count - at - (batch->count == ZM_PROM_BATCH);
        memmove(sum + 1, sum, above * sizeof *sum);
        sum->group = group;
        sum->bytes = zm_prom_ask(batch->metric, group);
        batch->count = at + above + 1;
    }
    return 0;
}

static inline void zm_prom_put_groups(struct zm_prom_page *page,
                                      const struct zm_prom_metric *metric)
{
    struct zm_prom_batch batch;
    int has_head = 0;
    batch.metric = metric;
    batch.last = NULL;
    do {
        batch.count = 0;
        zgroup_each(zm_prom_collect, &batch);
        for (size_t i = 0; i < batch.count; i++) {
            batch.last = batch.sums[i].group;
            if (batch.sums[i].bytes == ZMALLOC_UNKNOWN)
                continue;
            if (!has_head)
                zm_prom_put_head(page, metric);
            has_head = 1;
            zm_prom_put_sample(page, metric, batch.last, batch.sums[i].bytes);
        }
    } while (batch.count == ZM_PROM_BATCH);
}

/* For zgroup_each, with the first group: as long as this runs, no group comes or goes. */
static inline int zm_prom_put_all_groups(zgroup *first, void *page)
{
    static const struct zm_prom_metric metrics[] = {
        {"zmalloc_group_used_bytes", "Bytes charged to the group.", zgroup_used},
        {"zmalloc_group_peak_bytes", "Most bytes charged to the group.", zgroup_peak},
        {"zmalloc_group_limit_bytes", "Bytes that the group may hold.", zgroup_get_limit}};
    (void)first;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        zm_prom_put_groups((struct zm_prom_page *)page, &metrics[i]);
    return 1;
}

/* ---- All of it ---- */

static inline void zm_prom_put_figure(struct zm_prom_page *page, const char *name, const char *help,
                                      uint64_t bytes)
{
    struct zm_prom_metric metric = {name, help, NULL};
    if (bytes == ZMALLOC_UNKNOWN)
        return;
    zm_prom_put_head(page, &metric);
    zm_prom_put_sample(page, &metric, NULL, bytes);
}

static inline void zm_prom_put_info(struct zm_prom_page *page, const struct zmalloc_info *info)
{
    zm_prom_put_figure(page, "zmalloc_used_bytes", "Bytes in use.", info->used);
    zm_prom_put_figure(page, "zmalloc_peak_bytes", "Most bytes in use.", info->peak);
    zm_prom_put_figure(page, "zmalloc_hard_limit_bytes", "Bytes in use at most.",
                       zm_prom_limit(info->hard_limit));
    zm_prom_put_figure(page, "zmalloc_soft_limit_bytes",
                       "Bytes in use above which the program is told.",
                       zm_prom_limit(info->soft_limit));
    zm_prom_put_figure(page, "zmalloc_resident_bytes", "Resident memory of the process.",
                       info->rss);
    zm_prom_put_figure(page, "zmalloc_memory_size_bytes", "Memory of the machine.",
                       info->memory_size);
    zm_prom_put_figure(page, "zmalloc_memory_limit_bytes", "Memory that the process may use.",
                       info->memory_limit);
    zm_prom_put_figure(page, "zmalloc_allocator_allocated_bytes", "Handed out by the allocator.",
                       info->allocated);
    zm_prom_put_figure(page, "zmalloc_allocator_active_bytes", "Pages with blocks in use.",
                       info->active);
    zm_prom_put_figure(page, "zmalloc_allocator_resident_bytes", "Resident pages of the allocator.",
                       info->resident);
    zm_prom_put_figure(page, "zmalloc_allocator_retained_bytes",
                       "Addresses kept of pages given back.", info->retained);
    zm_prom_put_figure(page, "zmalloc_allocator_muzzy_bytes",
                       "Free pages that the system may take back.", info->muzzy);
}

static inline size_t zmalloc_prometheus_info(char *buf, size_t len, unsigned what)
{
    struct zm_prom_page page = {buf, len, 0};
    struct zmalloc_info info;
    zmalloc_get_info(&info, sizeof info, what);
    zm_prom_put_info(&page, &info);
    zgroup_each(zm_prom_put_all_groups, &page);
    if (len > 0)
        buf[page.length < len ? page.length : len - 1] = '\0';
    return page.length;
}

static inline size_t zmalloc_prometheus(char *buf, size_t len)
{
    unsigned what = ZMALLOC_INFO_TOTAL | ZMALLOC_INFO_SYSTEM;
    if (strcmp(zmalloc_lib(), "libc") != 0)
        what |= ZMALLOC_INFO_ALLOCATOR;
    return zmalloc_prometheus_info(buf, len, what);
}

#endif
