/* Time that is not Google Benchmark's, and two threads of which one hands over to the other. */
#ifndef BENCH_TIMED_H
#define BENCH_TIMED_H

#include <benchmark/benchmark.h>
#include <sched.h>
#include <time.h>

#include <atomic>

static double nanoseconds(clockid_t clock)
{
    timespec now;
    clock_gettime(clock, &now);
    return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

/* Runs batches of `size` operations, and leaves in "clock" what one takes a thread: whether Google
 * Benchmark divides its own time by the number of threads depends on its version. `prepare` comes
 * before each batch and is not timed. */
template <typename Batch, typename Prepare = void (*)()>
static void run_timed(
    benchmark::State &state, benchmark::IterationCount size, Batch batch,
    clockid_t clock = CLOCK_MONOTONIC, Prepare prepare = [] {})
{
    double taken = 0;
    while (state.KeepRunningBatch(size)) {
        prepare();
        double begin = nanoseconds(clock);
        batch();
        taken += nanoseconds(clock) - begin;
    }
    state.counters["clock"] = benchmark::Counter(taken / static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kAvgThreads);
}

/* Thread 0 makes items, thread 1 takes them. A ring of batches is between them: one item at a time
 * would measure how the ring's own cache lines go to and fro. Timed by the clock, or else without
 * the waiting, by each thread's processor time. */
template <typename Item, typename Make, typename Take>
static void hand_over(benchmark::State &state, bool waiting_is_timed, Make make, Take take)
{
    constexpr size_t kBatch = 256, kRoom = 4;
    alignas(64) static std::atomic<size_t> filled{0};
    alignas(64) static std::atomic<size_t> emptied{0};
    alignas(64) static Item batches[kRoom][kBatch];
    bool makes = state.thread_index() == 0;
    std::atomic<size_t> &turn = makes ? filled : emptied;
    /* Yields only after many looks: on a busy machine the other may wait for this processor. */
    auto wait = [makes] {
        for (int looks = 0; makes ? filled - emptied == kRoom : filled == emptied; looks++)
            if (looks > 10000)
                sched_yield();
    };
    auto work = [&] {
        wait();
        for (Item &item : batches[turn % kRoom])
            makes ? void(item = make()) : take(item);
        turn++;
    };
    clockid_t clock = waiting_is_timed ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
    run_timed(state, kBatch, work, clock, [&] {
        if (!waiting_is_timed)
            wait();
    });
}

#endif
