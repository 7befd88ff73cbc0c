/* A small in-memory cache that keeps to a memory limit.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The library's hard limit is what it may use. A soft limit a little below makes it evict what was
 * used least recently; where that was too late, an allocation is refused, and it evicts and tries
 * again. The cache itself is in lru.c: it allocates by the ztry calls, and when there is no memory
 * stays as it was.
 *
 *     cc -std=c11 cache.c lru.c options.c size_text.c $(pkg-config --cflags --libs zmalloc) -o
 * cache
 */
#define _POSIX_C_SOURCE 200809L

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmalloc.h>

#include "lru.h"
#include "options.h"

enum { LONGEST_LINE = 1024 * 1024, PROGRESS_LINES = 50000 };

/* ---- Reading ------------------------------------------------------------------------------ */

struct input {
    FILE *file;
    const char *name;
    const char *flaw; /* of the line read last; NULL when it is good */
    size_t lines, blank, bad;
    bool skips_bad, shows_progress, watches;
    time_t shown_at, watched_at;
};

/* The line read last. Not a block, which would count against the limit. */
static char line[LONGEST_LINE + 1];

static const char *flaw_of(int byte, size_t position)
{
    if (byte == '\0')
        return "it holds a NUL byte";
    if (byte == '\t' && position == 0)
        return "it has no key before its TAB";
    return position == LONGEST_LINE ? "it is longer than 1 MiB" : NULL;
}

/* False at the end of the input. An endless line costs no memory: getline() would take it all. */
static bool read_line(struct input *input)
{
    size_t n = 0;
    int byte;
    input->flaw = NULL;
    while ((byte = getc_unlocked(input->file)) != EOF && byte != '\n') {
        if (!input->flaw && !(input->flaw = flaw_of(byte, n)))
            line[n++] = (char)byte;
        else if (!input->skips_bad)
            break;
    }
    if (byte == EOF && ferror(input->file))
        errx(NOT_READ, "%s: reading failed after line %zu: %s: give a file that can be read",
             input->name, input->lines, strerror(errno));
    if (byte == EOF && n == 0 && !input->flaw)
        return false;
    line[n > 0 && line[n - 1] == '\r' ? n - 1 : n] = '\0';
    input->lines++;
    return true;
}

/* Every so many lines, and now and then where they come slowly. An error overwrites it. */
static void show_progress(struct input *input)
{
    time_t now = time(NULL);
    if (input->lines % PROGRESS_LINES == 0 || now > input->shown_at + 1) {
        fprintf(stderr, "%zu lines read ...\r", input->lines);
        input->shown_at = now;
    }
}

/* A line a second. */
static void watch(const struct cache *cache, struct input *input)
{
    time_t now = time(NULL);
    if (now == input->watched_at)
        return;
    input->watched_at = now;
    fprintf(stderr, "%zu KiB used, %zu KiB peak, %zu KiB limit, %zu evicted\n",
            zmalloc_used_memory() / 1024, zmalloc_get_peak_memory() / 1024,
            zmalloc_get_hard_limit() / 1024, cache->evicted);
}

static void take_line(struct cache *cache, struct input *input)
{
    char *tab = strchr(line, '\t');
    if (tab)
        *tab = '\0';
    if (input->flaw)
        input->bad++;
    else if (line[0] == '\0')
        input->blank++;
    else if (!cache_store(cache, line, tab ? tab + 1 : ""))
        errx(NO_MEMORY, "%s: line %zu: there is no memory to keep it: give a lower --max-memory",
             input->name, input->lines);
}

static void read_all(struct cache *cache, struct input *input)
{
    while (read_line(input)) {
        if (input->flaw && !input->skips_bad)
            errx(BAD_LINE, "%s: line %zu: %s: mend it, or pass --skip-bad to go on past such lines",
                 input->name, input->lines, input->flaw);
        take_line(cache, input);
        if (input->shows_progress)
            show_progress(input);
        if (input->watches)
            watch(cache, input);
    }
    if (input->shows_progress)
        fprintf(stderr, "%40s\r", "");
}

static struct input open_input(const struct options *options)
{
    bool is_stdin = strcmp(options->path, "-") == 0;
    struct input input = {.file = is_stdin ? stdin : fopen(options->path, "r"),
                          .name = is_stdin ? "standard input" : options->path,
                          .skips_bad = options->skips_bad,
                          .watches = options->watches,
                          .shown_at = time(NULL)};
    if (!input.file)
        errx(NOT_OPENED, "%s: %s: name a file that can be read, or - for standard input",
             input.name, strerror(errno));
    input.shows_progress = !input.watches && isatty(STDERR_FILENO) && !isatty(fileno(input.file));
    return input;
}

static void figure(FILE *out, const char *what, size_t bytes, const char *if_zero)
{
    if (bytes)
        fprintf(out, "%-16s %zu bytes\n", what, bytes);
    else
        fprintf(out, "%-16s %s\n", what, if_zero);
}

static void report(FILE *out, const struct cache *cache, const struct input *input)
{
    size_t allocated, active, resident; /* all 0 where the allocator does not tell */
    zmalloc_get_allocator_info(&allocated, &active, &resident);
    fprintf(out, "lines            %zu read, %zu blank, %zu bad\n", input->lines, input->blank,
            input->bad);
    fprintf(out, "entries          %zu kept, %zu replaced, %zu evicted, %zu refused\n", cache->kept,
            cache->replaced, cache->evicted, cache->refused);
    figure(out, "memory limit", cache->limit == SIZE_MAX ? 0 : cache->limit, "none");
    figure(out, "used memory", zmalloc_used_memory(), "0 bytes");
    figure(out, "peak memory", zmalloc_get_peak_memory(), "0 bytes");
    figure(out, "RSS", zmalloc_get_rss(), "not told");
    figure(out, "private dirty", zmalloc_get_private_dirty(-1), "not told");
    fprintf(out, "fragmentation    %.2f\n", zmalloc_get_fragmentation_ratio());
    fprintf(out, "zmalloc          %s\nallocator        %s\n", zmalloc_version(), zmalloc_lib());
    figure(out, "  allocated", allocated, "not told");
    figure(out, "  active", active, "not told");
    figure(out, "  resident", resident, "not told");
}

static void dump(const struct cache *cache)
{
    for (const struct entry *entry = cache->newest; entry; entry = entry->older)
        printf("%s%s%s\n", entry->key, entry->value[0] ? "\t" : "", entry->value);
}

/* ---- Profile ------------------------------------------------------------------------------ */

/* Samples what is allocated from now on. The file to write that to; -1 where none is asked for. */
static int start_profile(const char *path)
{
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (path && fd == -1)
        errx(NOT_WRITTEN, "%s: %s: name a file that can be written", path, strerror(errno));
    if (path && zmalloc_profile_start(0) != 0)
        errx(NOT_WRITTEN, "no profile can be had: %s: leave out --profile", strerror(errno));
    return fd;
}

/* While the cache is full: what was freed is in no profile. */
static void write_profile(int fd, const char *path)
{
    if (fd != -1 && (zmalloc_profile_write(fd) != 0 || close(fd) != 0))
        errx(NOT_WRITTEN, "%s: %s: the profile could not all be written", path, strerror(errno));
}

int main(int argc, char **argv)
{
    struct options options = parse_options(argc, argv);
    FILE *out = options.dumps ? stderr : stdout;
    size_t used_before = zmalloc_used_memory();
    int profile = start_profile(options.profile);
    struct cache cache;
    if (!cache_open(&cache, options.limit))
        errx(NO_MEMORY, "there is no memory for an empty cache");
    if (zmalloc_used_memory() > cache.limit)
        errx(BAD_USAGE, "--max-memory %zu: an empty cache takes %zu bytes already: give more",
             cache.limit, zmalloc_used_memory());
    struct input input = open_input(&options);
    read_all(&cache, &input);
    write_profile(profile, options.profile);
    if (options.dumps)
        dump(&cache);
    report(out, &cache, &input);
    if (cache.refused)
        warnx("%zu of the lines need more than --max-memory %zu each: give more to keep them",
              cache.refused, cache.limit);
    fclose(input.file);
    cache_close(&cache);
    figure(out, "left when freed", zmalloc_used_memory() - used_before, "0 bytes");
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(NOT_WRITTEN, "standard output could not all be written: make room or redirect it");
    return DONE;
}
