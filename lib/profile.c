/* The profile of this process: its live samples, each with who asked for it. As heap_v2 text, of
 * which readers (pprof, google-pprof) multiply the counts by 1 / (1 - exp(-size / mean)). */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cancel.h"
#include "compiler.h"
#include "once.h"
#include "probe.h"
#include "sample.h"
#include "stack.h"
#include "zmalloc.h"

/* As gperftools and OpenTelemetry have it. */
#define ZM_DEFAULT_PROFILE_MEAN ((size_t)512 << 10)

/* Of the profile that runs or ran last. */
static ZM_ATOMIC(size_t) last_mean;

/* The process whose thread starts or stops one, else 0. One that a fork has left behind is no
 * hindrance. */
static ZM_ATOMIC(size_t) writer;

static void lock(void)
{
    const size_t self = (size_t)getpid();
    while (zm_exchange(&writer, self) == self)
        zm_back_off();
}

static void unlock(void)
{
    zm_exchange(&writer, 0);
}

/* Returns errno. */
static int start(size_t mean)
{
    size_t running = zm_load(&zm_profile_mean);
    if (running && running != mean)
        return EBUSY;
    if (!zm_sample_for_profile(mean)) /* again: a fork may have come in the middle of a start */
        return ENOMEM;
    zm_store(&last_mean, mean);
    return 0;
}

int zmalloc_profile_start(size_t mean_bytes)
{
    int failure = ENOSYS;
    if (zm_stack_prepare()) {
        lock();
        failure = start(mean_bytes ? mean_bytes : ZM_DEFAULT_PROFILE_MEAN);
        unlock();
    }
    if (failure != 0)
        errno = failure;
    return failure == 0 ? 0 : -1;
}

void zmalloc_profile_stop(void)
{
    lock();
    if (zm_load(&zm_profile_mean))
        zm_sample_for_profile(0);
    unlock();
}

/* ---- Text, by write ---- */

struct output {
    int fd, failure; /* errno of the first failure */
    size_t length;
    char text[1024];
};

static void flush(struct output *to)
{
    const char *at = to->text;
    while (to->length != 0 && to->failure == 0) {
        ssize_t written = write(to->fd, at, to->length);
        if (written > 0) {
            at += written;
            to->length -= (size_t)written;
        } else if (written == 0 || errno != EINTR) {
            to->failure = written == 0 ? EIO : errno;
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
    size_t mean, room, count, bytes;
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
static bool is_wanted(size_t mean, size_t at, struct zm_sample_facts *facts)
{
    return zm_sample_read(at, facts) && facts->depth != 0 && facts->mean == mean;
}

static bool collect(struct lines *lines)
{
    struct zm_sample_facts facts;
    size_t places = zm_sample_places(), count = 0;
    for (size_t at = 0; at < places; at++)
        count += is_wanted(lines->mean, at, &facts);
    lines->room = count + count / 2 + 64;
    lines->all = mmap(NULL, lines->room * sizeof *lines->all, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANON, -1, 0);
    if (lines->all == MAP_FAILED)
        return false;
    /* More may come meanwhile than there is room for. */
    for (size_t at = 0; at < places && lines->count + 1 < lines->room; at++)
        if (is_wanted(lines->mean, at, &facts))
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
        lines->count, lines->bytes, lines->mean);
    for (size_t i = 0; i < lines->room; i++) {
        const struct line *line = &lines->all[i];
        size_t bytes = line->count * line->facts.size;
        if (line->count == 0)
            continue;
        PUT(to, "%zu: %zu [%zu: %zu] @", line->count, bytes, line->count, bytes);
        print_stack(to, &line->facts);
    }
    PUT(to, "\nMAPPED_LIBRARIES:\n");
    if (zm_probe_mappings(put, to) != 0 && to->failure == 0)
        to->failure = errno;
    flush(to);
}

int zmalloc_profile_write(int fd)
{
    struct lines lines = {.mean = zm_load(&last_mean)};
    struct output to = {.fd = fd};
    if (lines.mean == 0) {
        errno = zm_stack_prepare() ? EINVAL : ENOSYS;
        return -1;
    }
    int cancel_before = zm_cancel_off();
    if (collect(&lines)) {
        print(&to, &lines);
        munmap(lines.all, lines.room * sizeof *lines.all);
    } else {
        to.failure = ENOMEM;
    }
    zm_cancel_restore(cancel_before);
    if (to.failure != 0)
        errno = to.failure;
    return to.failure == 0 ? 0 : -1;
}
