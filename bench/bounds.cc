/* What the bounds cost: churn at a steady 64 MiB with no limits, both well above the total, and
 * within 1/64 of the hard one. `bounds idle` has 1,000 idle threads beside. Runs with a library of
 * before there were limits too (LD_PRELOAD), which then has none. */
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>
#include <zmalloc.h>

#include "workload.h"

#pragma weak zmalloc_set_hard_limit
#pragma weak zmalloc_set_soft_limit

static std::vector<void *> blocks(400000);

/* By the benchmark's argument, in 128ths of what is in use. */
static void set_limits(const benchmark::State &state)
{
    const size_t hard[] = {0, 512, 129}, soft[] = {0, 384, 0}, part = zmalloc_used_memory() / 128;
    if (zmalloc_set_hard_limit) {
        zmalloc_set_hard_limit(part * hard[state.range(0)]);
        zmalloc_set_soft_limit(part * soft[state.range(0)], nullptr, nullptr);
    }
}

/* Each thread has its part of the blocks. "clock": nanoseconds a pair, of all threads together. */
static void churn(benchmark::State &state)
{
    size_t count = blocks.size() / state.threads(), first = state.thread_index() * count;
    uint64_t random = first + 1;
    auto begin = std::chrono::steady_clock::now();
    for (auto _ : state) {
        void *&block = blocks[first + (next_random(&random) >> 11) % count];
        zfree(block);
        block = ztrymalloc(size_from(random));
    }
    std::chrono::duration<double, std::nano> ns = std::chrono::steady_clock::now() - begin;
    state.counters["clock"] = {ns.count() / double(state.iterations() * state.threads()),
                               benchmark::Counter::kAvgThreads};
}
BENCHMARK(churn)
    ->DenseRange(0, 2)
    ->Threads(1)
    ->Threads(2)
    ->Threads(8)
    ->Threads(64)
    ->Setup(set_limits)
    ->UseRealTime();

int main(int argc, char **argv)
{
    uint64_t random = FIRST_RANDOM;
    for (void *&block : blocks)
        block = zmalloc(size_from(next_random(&random)));
    for (int i = 0; argc > 1 && argv[1] == std::string("idle") && i < 1000; i++)
        std::thread([] {
            for (int n = 0; n < 100; n++)
                zfree(zmalloc(1000));
            pause();
        }).detach();
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    _exit(0);
}
