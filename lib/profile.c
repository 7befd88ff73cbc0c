/* The profile of this process: its live samples, each with who asked for it. As heap_v2 text, of
 * which readers (pprof, google-pprof) multiply the counts by 1 / (1 - exp(-size / mean)). */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cancel.h"
#include "compiler.h"
#include "probe.h"
#include "sample.h"
#include "stack.h"
#include "zmalloc.h"

/* As gperftools and OpenTelemetry have it. */
#define ZM_DEFAULT_PROFILE_MEAN ((size_t)512 << 10)

/* Of the profile that runs or ran last. */
static ZM_ATOMIC(size_t) last_mean;

int zmalloc_profile_start(size_t mean_bytes)
{
    size_t mean = mean_bytes ? mean_bytes : ZM_DEFAULT_PROFILE_MEAN, running = 0;
    if (!zm_stack_prepare()) {
        errno = ENOSYS;
        return -1;
    }
    if (!zm_compare_exchange(&zm_profile_mean, &running, mean)) {
        errno = EBUSY;
        return running == mean ? 0 : -1;
    }
    if (!zm_sample_for_profile(mean)) {
        zm_exchange(&zm_profile_mean, 0);
        errno = ENOMEM;
        return -1;
    }
    zm_store(&last_mean, mean);
    return 0;
}

void zmalloc_profile_stop(void)
{
    if (zm_load(&zm_profile_mean))
        zm_sample_for_profile(0);
}

/* ---- Text, by write ---- */

struct output {
    int fd;
    bool has_failed;
    size_t length;
    char text[1024];
};

static void flush(struct output *to)
{
    const char *at = to->text;
    while (to->length != 0 && !to->has_failed) {
        ssize_t written = write(to->fd, at, to->length);
        if (written >= 0) {
            at += written;
            to->length -= (size_t)written;
        } else if (errno != EINTR) {
            to->has_failed = true;
        }
    }
    to->length = 0;
}

static void put(void *context, const char *text, size_t length)
{
    struct output *to = context;
    for (size_t i = 0; i < length; i++) {
        if (to->length == sizeof to->text)
            flush(to);
        to->text[to->length++] = text[i];
    }
}

#define PUT(to, ...)                                                                               \
    do {                                                                                           \
        char piece[128];                                                                           \
        put(to, piece, (size_t)snprintf(piece, sizeof piece, __VA_ARGS__));                        \
    } while (0)

/* ---- Samples of one stack and size, added up ---- */

struct line {
    size_t count; /* 0: free */
    struct zm_sample_facts facts;
};

/* A hash table, of more lines than there are samples. */
struct lines {
    size_t room, count, bytes;
    struct line *all;
};

static bool are_alike(const struct zm_sample_facts *a, const struct zm_sample_facts *b)
{
    if (a->size != b->size || a->depth != b->depth)
        return false;
    for (unsigned i = 0; i < a->depth; i++)
        if (a->stack[i] != b->stack[i])
            return false;
    return true;
}

static size_t hash_of(const struct zm_sample_facts *facts)
{
    uint64_t hash = facts->size;
    for (unsigned i = 0; i < facts->depth; i++)
        hash = (hash ^ facts->stack[i]) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
    return (size_t)(hash ^ (hash >> 32));
}

static void add_up(struct lines *lines, const struct zm_sample_facts *facts)
{
    size_t at = hash_of(facts) % lines->room;
    while (lines->all[at].count != 0 && !are_alike(&lines->all[at].facts, facts))
        at = (at + 1) % lines->room;
    if (lines->all[at].count++ == 0)
        lines->all[at].facts = *facts;
    lines->count++;
    lines->bytes += facts->size;
}

/* Of the last profile: those that were taken under another mean, or for a profiler outside, are
 * not. */
static bool is_wanted(size_t at, struct zm_sample_facts *facts)
{
    return zm_sample_read(at, facts) && facts->depth != 0 && facts->mean == zm_load(&last_mean);
}

static bool collect(struct lines *lines)
{
    struct zm_sample_facts facts;
    size_t places = zm_sample_places(), count = 0;
    for (size_t at = 0; at < places; at++)
        count += is_wanted(at, &facts);
    lines->room = count + count / 2 + 64;
    lines->all = mmap(NULL, lines->room * sizeof *lines->all, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANON, -1, 0);
    if (lines->all == MAP_FAILED)
        return false;
    /* More may come meanwhile than there is room for. */
    for (size_t at = 0; at < places && lines->count + 1 < lines->room; at++)
        if (is_wanted(at, &facts))
            add_up(lines, &facts);
    return true;
}

/* Return addresses, which readers take 1 from, to be within the call: google-pprof from all but the
 * first, Go's pprof from all. So the first is written less 1, which the least call has room for. */
static void print_stack(struct output *to, const struct zm_sample_facts *facts)
{
    for (unsigned frame = 0; frame < facts->depth; frame++)
        PUT(to, " 0x%zx", (size_t)facts->stack[frame] - (frame == 0));
    put(to, "\n", 1);
}

/* Nothing was counted but what lives: all that was allocated is said to be the same. */
static void print(struct output *to, const struct lines *lines)
{
    PUT(to, "heap profile: %zu: %zu [%zu: %zu] @ heap_v2/%zu\n", lines->count, lines->bytes,
        lines->count, lines->bytes, zm_load(&last_mean));
    for (size_t i = 0; i < lines->room; i++) {
        const struct line *line = &lines->all[i];
        size_t bytes = line->count * line->facts.size;
        if (line->count == 0)
            continue;
        PUT(to, "%zu: %zu [%zu: %zu] @", line->count, bytes, line->count, bytes);
        print_stack(to, &line->facts);
    }
    PUT(to, "\nMAPPED_LIBRARIES:\n");
    zm_probe_mappings(put, to);
    flush(to);
}

int zmalloc_profile_write(int fd)
{
    struct lines lines = {0};
    struct output to = {.fd = fd};
    if (zm_load(&last_mean) == 0) {
        errno = zm_stack_prepare() ? EINVAL : ENOSYS;
        return -1;
    }
    int cancel_before = zm_cancel_off();
    bool is_collected = collect(&lines);
    if (is_collected) {
        print(&to, &lines);
        int saved_errno = errno;
        munmap(lines.all, lines.room * sizeof *lines.all);
        errno = saved_errno;
    }
    zm_cancel_restore(cancel_before);
    return is_collected && !to.has_failed ? 0 : -1;
}
