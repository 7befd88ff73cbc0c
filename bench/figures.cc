/* Works (g) to (i): what it costs to ask. Each is to be run in a process of its own, as tools/bench
 * does: how many threads and mappings there are, and have been, is the process's state. */
#include <benchmark/benchmark.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ways.h"

/* Threads that have allocated and stay alive, the calling one among them. */
class Crowd
{
  public:
    explicit Crowd(int size)
    {
        std::unique_lock<std::mutex> guard(lock_);
        for (int i = 1; i < size; i++)
            threads_.emplace_back([this] { live(); });
        changed_.wait(guard, [&] { return alive_ == size - 1; });
    }
    ~Crowd()
    {
        {
            std::lock_guard<std::mutex> guard(lock_);
            over_ = true;
        }
        changed_.notify_all();
        for (std::thread &thread : threads_)
            thread.join();
    }

  private:
    void live()
    {
        void *p = zmalloc(100);
        std::unique_lock<std::mutex> guard(lock_);
        alive_++;
        changed_.notify_all();
        changed_.wait(guard, [this] { return over_; });
        zfree(p);
    }
    std::mutex lock_;
    std::condition_variable changed_;
    int alive_ = 0;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

static void pass_by(int threads)
{
    for (int i = 0; i < threads; i++)
        std::thread([] { zfree(zmalloc(100)); }).join();
}

/* (g) The used total, while `live` threads live. */
template <size_t ask()> static void used(benchmark::State &state, int live)
{
    zfree(zmalloc(100));
    Crowd crowd(live);
    for (auto _ : state)
        benchmark::DoNotOptimize(ask());
}

/* (g) The same with one, after others in this process have come and gone. */
template <size_t ask(), int others> static void used_after(benchmark::State &state)
{
    [[maybe_unused]] static const bool gone = (pass_by(others), true);
    for (auto _ : state)
        benchmark::DoNotOptimize(ask());
}

static size_t sqlite_used()
{
    return static_cast<size_t>(sqlite3_memory_used());
}

/* The classic way to the resident size: the 24th field of /proc/self/stat, opened each time. */
static size_t classic_rss()
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

/* The classic way to the private dirty bytes: all of smaps, line by line. */
static size_t classic_private_dirty()
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

static size_t zmalloc_private_dirty()
{
    return zmalloc_get_private_dirty(-1);
}

/* The same question both ways must get the same answer, or the times mean nothing. Pages come and
 * go between the two, so near is near enough. */
static bool agree(size_t one, size_t other)
{
    size_t difference = one > other ? one - other : other - one;
    return one && difference <= one / 10 + (1 << 20);
}

/* (h) */
template <size_t ask()> static void rss(benchmark::State &state)
{
    if (!agree(classic_rss(), zmalloc_get_rss()))
        state.SkipWithError("the two ways disagree");
    for (auto _ : state)
        benchmark::DoNotOptimize(ask());
}

/* True if there are `count` mappings now. Neighbours that differ in protection are mappings of
 * their own. One in each pair is dirty. */
static bool map_many(size_t count)
{
    size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    char *base = static_cast<char *>(
        mmap(nullptr, count * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED)
        return false;
    for (size_t i = 0; i < count; i += 2)
        if (mprotect(base + i * page, page, PROT_READ | PROT_WRITE) == 0)
            base[i * page] = 1;
    std::ifstream maps("/proc/self/maps");
    std::istreambuf_iterator<char> begin(maps), end;
    return std::count(begin, end, '\n') >= static_cast<long>(count);
}

/* (i) */
template <size_t ask()> static void private_dirty(benchmark::State &state)
{
    static const bool mapped = map_many(10000);
    if (!mapped)
        state.SkipWithError("there are no 10,000 mappings: see /proc/sys/vm/max_map_count");
    else if (!agree(classic_private_dirty(), zmalloc_private_dirty()))
        state.SkipWithError("the two ways disagree");
    for (auto _ : state)
        benchmark::DoNotOptimize(ask());
}

static void add_used(const char *work, int live)
{
    auto add = [=](const char *way, auto function) {
        benchmark::RegisterBenchmark((std::string(work) + "/" + way).c_str(), function, live);
    };
    add("classic", used<classic_used_memory>);
    add("zmalloc", used<zmalloc_used_memory>);
    add("sqlite", used<sqlite_used>);
}

template <int others> static void add_used_after(const char *work)
{
    auto add = [=](const char *way, auto function) {
        benchmark::RegisterBenchmark((std::string(work) + "/" + way).c_str(), function);
    };
    add("classic", used_after<classic_used_memory, others>);
    add("zmalloc", used_after<zmalloc_used_memory, others>);
    add("sqlite", used_after<sqlite_used, others>);
}

/* "g10000" is compared with "gone", in a process that runs both in this order, and not with "g1":
 * two threads have lived at once in both, which is what an answer's time depends on. */
void add_figure_works()
{
    add_used("g1", 1);
    add_used("g16", 16);
    add_used("g256", 256);
    add_used_after<1>("gone");
    add_used_after<10000>("g10000");
    benchmark::RegisterBenchmark("h/classic", rss<classic_rss>);
    benchmark::RegisterBenchmark("h/zmalloc", rss<zmalloc_get_rss>);
    auto slow = [](benchmark::internal::Benchmark *work) { work->Unit(benchmark::kMillisecond); };
    benchmark::RegisterBenchmark("i/classic", private_dirty<classic_private_dirty>)->Apply(slow);
    benchmark::RegisterBenchmark("i/zmalloc", private_dirty<zmalloc_private_dirty>)->Apply(slow);
}
