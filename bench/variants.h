/* The variants that are compared, and how a workload is registered for one of them. */
#ifndef BENCH_VARIANTS_H
#define BENCH_VARIANTS_H

#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <talloc.h>
#include <zmalloc.h>

#include <string>

extern "C" {
#include "redis_style.h"
}

/* Of constant functions: a template over one calls them directly, as a program would. */
#define VARIANT(type, text, allocate_n, resize_p_n, release_p)                                     \
    struct type {                                                                                  \
        static constexpr const char *name = text;                                                  \
        static constexpr auto allocate = [](size_t n) -> void * { return allocate_n; };            \
        static constexpr auto resize = [](void *p, size_t n) -> void * { return resize_p_n; };     \
        static constexpr auto release = [](void *p) -> void { release_p; };                        \
    }

VARIANT(Raw, "raw", raw_malloc(n), raw_realloc(p, n), raw_free(p));
VARIANT(RedisStyle, "redis_style", redis_style_malloc(n), redis_style_realloc(p, n),
        redis_style_free(p));
VARIANT(Zmalloc, "zmalloc", zmalloc(n), zrealloc(p, n), zfree(p));
VARIANT(Sqlite, "SQLite", sqlite3_malloc64(n), sqlite3_realloc64(p, n), sqlite3_free(p));
VARIANT(Talloc, "talloc", talloc_size(nullptr, n), talloc_realloc_size(nullptr, p, n),
        talloc_free(p));

/* The reports take both names from here, and the order of the table. Neither may have a "/". With a
 * number of threads by the clock, as threads wait for each other; with 0 by processor time. */
template <typename Function, typename... Arguments>
void add(const char *workload, const char *variant, int threads, Function function,
         Arguments... arguments)
{
    std::string name = std::string(workload) + "/" + variant;
    auto *added = benchmark::RegisterBenchmark(name.c_str(), function, arguments...);
    if (threads)
        added->Threads(threads)->UseRealTime();
}

void add_block_workloads();
void add_query_workloads();
void add_program_workloads();
void add_bounds(int idle_threads);
void add_sampled_workloads();
void keep_idle_threads(int count);

#endif
