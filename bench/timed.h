/* Time by the clock, also of two threads of which one hands over to the other. */
#ifndef BENCH_TIMED_H
#define BENCH_TIMED_H

#include <benchmark/benchmark.h>
#include <sched.h>

#include <atomic>
#include <chrono>

/* Runs batches of `size` operations, and leaves in "clock" what one takes a thread, in nanoseconds
 * by the clock: whether Google Benchmark divides its own by the number of threads depends on its
 * version. `prepare` comes before each batch and is not timed. */
template <typename Batch, typename Prepare = void (*)()>
static void run_timed(
    benchmark::State &state, benchmark::IterationCount size, Batch batch, Prepare prepare = [] {})
{
    using Clock = std::chrono::steady_clock;
    Clock::duration taken{};
    while (state.KeepRunningBatch(size)) {
        prepare();
        Clock::time_point begin = Clock::now();
        batch();
        taken += Clock::now() - begin;
    }
    double ns = std::chrono::duration<double, std::nano>(taken).count();
    state.counters["clock"] = benchmark::Counter(ns / static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kAvgThreads);
}

/* Waits until `ready()`. Yields only after many looks: on a busy machine the other thread may wait
 * for this processor. */
template <typename Ready> static void wait_until(Ready ready)
{
    for (int looks = 0; !ready(); looks++)
        if (looks > 10000)
            sched_yield();
}

/* Thread 0 makes items, thread 1 takes them. A ring of batches is between them: one item at a time
 * would measure how the ring's own cache lines go to and fro. */
template <typename Item, typename Make, typename Take>
static void hand_over(benchmark::State &state, bool waiting_is_timed, Make make, Take take)
{
    constexpr size_t kBatch = 256, kRoom = 4;
    alignas(64) static std::atomic<size_t> filled{0};
    alignas(64) static std::atomic<size_t> emptied{0};
    alignas(64) static Item batches[kRoom][kBatch];
    bool makes = state.thread_index() == 0;
    std::atomic<size_t> &turn = makes ? filled : emptied;
    auto wait = [makes] {
        wait_until([makes] { return makes ? filled - emptied < kRoom : filled > emptied; });
    };
    auto work = [&] {
        wait();
        for (Item &item : batches[turn % kRoom])
            makes ? void(item = make()) : take(item);
        turn++;
    };
    run_timed(state, kBatch, work, [&] {
        if (!waiting_is_timed)
            wait();
    });
}

#endif
