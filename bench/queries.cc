/* The total asked for. Each workload needs a process of its own: how many threads there are, and
 * have been, is the process's state. */
#include <unistd.h>

#include <atomic>
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

/* With `live` threads that have allocated, this one among them, after `gone` others. */
template <auto query> static void used_total(benchmark::State &state, int live, int gone)
{
    for (static int passed = 0; passed < gone; passed++)
        std::thread([] { zfree(zmalloc(100)); }).join();
    zfree(zmalloc(100));
    keep_idle_threads(live - 1);
    for (auto _ : state)
        benchmark::DoNotOptimize(query());
}

static void add_used_total(const char *workload, int live, int gone)
{
    add(workload, "redis_style", 0, used_total<redis_style_used_memory>, live, gone);
    add(workload, "zmalloc", 0, used_total<zmalloc_used_memory>, live, gone);
    add(workload, "SQLite", 0, used_total<sqlite3_memory_used>, live, gone);
}

void add_query_workloads()
{
    add_used_total("used total, 1 thread", 1, 0);
    add_used_total("used total, 16 threads", 16, 0);
    add_used_total("used total, 256 threads", 256, 0);
    add_used_total("used total, 1 thread gone", 1, 1);
    add_used_total("used total, 10,000 threads gone", 1, 10000);
}
