/* The totals asked for. Each workload needs a process of its own: how many threads and mappings
 * there are, and have been, is the process's state. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "variants.h"

/* From now on there are so many threads that have allocated and do nothing. */
void keep_idle_threads(int count)
{
    static std::atomic<int> idle{0};
    for (int i = idle; i < count; i++)
        std::thread([] {
            zfree(zmalloc(100));
            idle++;
            pause();
        }).detach();
    while (idle < count)
        std::this_thread::yield();
}

static bool pass_by(int threads)
{
    for (int i = 0; i < threads; i++)
        std::thread([] { zfree(zmalloc(100)); }).join();
    return true;
}

/* With `live` threads that have allocated, this one among them, after `gone` others. */
template <size_t query()> static void used_total(benchmark::State &state, int live, int gone)
{
    [[maybe_unused]] static const bool passed = pass_by(gone);
    zfree(zmalloc(100));
    keep_idle_threads(live - 1);
    for (auto _ : state)
        benchmark::DoNotOptimize(query());
}

static size_t sqlite_used_memory()
{
    return static_cast<size_t>(sqlite3_memory_used());
}

/* The 24th field of /proc/self/stat. */
static size_t redis_style_rss()
{
    char text[4096];
    int fd = open("/proc/self/stat", O_RDONLY);
    ssize_t length = fd == -1 ? -1 : read(fd, text, sizeof text - 1);
    if (fd != -1)
        close(fd);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 24; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoul(at + 1, nullptr, 10) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

/* All of /proc/self/smaps, line by line. */
static size_t redis_style_private_dirty()
{
    static const char field[] = "Private_Dirty:";
    char line[1024];
    size_t bytes = 0;
    FILE *smaps = fopen("/proc/self/smaps", "r");
    if (!smaps)
        return 0;
    while (fgets(line, sizeof line, smaps))
        if (strncmp(line, field, sizeof field - 1) == 0)
            bytes += strtoul(line + sizeof field - 1, nullptr, 10) * 1024;
    fclose(smaps);
    return bytes;
}

/* True if `count` more mappings could be made. Neighbours that differ in protection are mappings of
 * their own. One in each pair is dirty. */
static bool map_many(size_t count)
{
    size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    char *base = static_cast<char *>(
        mmap(nullptr, (count + 1) * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED)
        return false;
    for (size_t i = 0; i < count; i += 2) {
        if (mprotect(base + i * page, page, PROT_READ | PROT_WRITE) != 0)
            return false;
        base[i * page] = 1;
    }
    return true;
}

using Query = size_t (*)();

/* The times mean nothing unless `other` has the same answer, but for pages that come and go. */
static void from_proc(benchmark::State &state, Query query, Query other, size_t mappings)
{
    static const bool mapped = map_many(mappings);
    size_t answer = query(), second = other();
    size_t difference = answer > second ? answer - second : second - answer;
    if (!mapped)
        state.SkipWithError("there are too few mappings: see /proc/sys/vm/max_map_count");
    else if (!answer || difference > answer / 10 + (1 << 20))
        state.SkipWithError("redis_style and zmalloc disagree");
    for (auto _ : state)
        benchmark::DoNotOptimize(query());
}

static void add_from_proc(const char *workload, Query redis_style, Query zmalloc, size_t mappings)
{
    add(workload, "redis_style", from_proc, redis_style, zmalloc, mappings);
    add(workload, "zmalloc", from_proc, zmalloc, redis_style, mappings);
}

static void add_used_total(const char *workload, int live, int gone)
{
    add(workload, "redis_style", used_total<redis_style_used_memory>, live, gone);
    add(workload, "zmalloc", used_total<zmalloc_used_memory>, live, gone);
    add(workload, "SQLite", used_total<sqlite_used_memory>, live, gone);
}

void add_query_workloads()
{
    add_used_total("used total, 1 thread", 1, 0);
    add_used_total("used total, 16 threads", 16, 0);
    add_used_total("used total, 256 threads", 256, 0);
    add_used_total("used total, 1 thread gone", 1, 1);
    add_used_total("used total, 10,000 threads gone", 1, 10000);
    add_from_proc("resident size", redis_style_rss, zmalloc_get_rss, 0);
    add_from_proc(
        "private dirty, 10,000 mappings", redis_style_private_dirty,
        [] { return zmalloc_get_private_dirty(-1); }, 10000);
}
