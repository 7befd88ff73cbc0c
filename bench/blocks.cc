/* Works (a) to (f): blocks allocated and freed, each way. Every name is "work/way"; "alone" is what
 * (d) is compared with, the same work by the same clock on one thread. */
#include <benchmark/benchmark.h>

#include <sched.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "ways.h"
#include "work.h"

/* Sizes of (a) and (e); in the middle of what work (b) asks for. */
static constexpr size_t kUsualSize = 144;

/* (a) One pair, the same block again and again. */
template <typename Way> static void one_pair(benchmark::State &state)
{
    for (auto _ : state) {
        void *p = Way::allocate(kUsualSize);
        benchmark::DoNotOptimize(p);
        Way::release(p);
    }
}

/* Runs batches of `size` operations, and leaves in "clock" what one takes a thread, in nanoseconds
 * by the clock. Google Benchmark's own time of several threads is divided by their number in some
 * versions, and in others not. */
template <typename Batch>
static void timed(benchmark::State &state, benchmark::IterationCount size, Batch batch)
{
    using Clock = std::chrono::steady_clock;
    Clock::time_point begin = Clock::now(), end = begin;
    for (bool first = true; state.KeepRunningBatch(size); first = false) {
        if (first)
            begin = Clock::now();
        batch();
        end = Clock::now();
    }
    double ns = std::chrono::duration<double, std::nano>(end - begin).count();
    state.counters["clock"] = benchmark::Counter(ns / static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kAvgThreads);
}

/* (b), (c), (d): a random slot is freed and allocated anew. */
template <typename Way> static void slots(benchmark::State &state)
{
    constexpr int kBatch = 512;
    size_t count = static_cast<size_t>(state.range(0));
    uint64_t random_state = FIRST_RANDOM + static_cast<uint64_t>(state.thread_index());
    std::vector<void *> blocks(count);
    for (void *&block : blocks)
        block = Way::allocate(size_from(next_random(&random_state)));
    timed(state, kBatch, [&] {
        for (int i = 0; i < kBatch; i++) {
            uint64_t random = next_random(&random_state);
            void *&block = blocks[slot_from(random, count)];
            Way::release(block);
            block = Way::allocate(size_from(random));
        }
    });
    for (void *block : blocks)
        Way::release(block);
}

/* Batches of blocks that one thread fills and another empties; both run the same number. In
 * batches, because one by one it would be the ring's own cache lines going to and fro that is
 * measured. */
class Ring
{
  public:
    static constexpr size_t kBatch = 256;
    using Batch = void *[kBatch];

    template <typename Fill> void put(Fill fill)
    {
        wait_while([this] { return filled_.load() - emptied_.load() == kRoom; });
        fill(batches_[filled_.load() % kRoom]);
        filled_++;
    }

    template <typename Empty> void take(Empty empty)
    {
        wait_while([this] { return filled_.load() == emptied_.load(); });
        empty(batches_[emptied_.load() % kRoom]);
        emptied_++;
    }

  private:
    static constexpr size_t kRoom = 4;

    /* Gives up the processor only after long: on a busy machine the other may be waiting for it. */
    template <typename Condition> static void wait_while(Condition condition)
    {
        for (int looks = 0; condition(); looks++)
            if (looks > 10000)
                sched_yield();
    }

    alignas(64) std::atomic<size_t> filled_{0};
    alignas(64) std::atomic<size_t> emptied_{0};
    alignas(64) Batch batches_[kRoom];
};

/* (e) Thread 0 allocates, thread 1 frees. */
template <typename Way> static void handed_over(benchmark::State &state)
{
    static Ring ring;
    auto fill = [](Ring::Batch &batch) {
        for (void *&block : batch)
            block = Way::allocate(kUsualSize);
    };
    auto empty = [](Ring::Batch &batch) {
        for (void *block : batch)
            Way::release(block);
    };
    if (state.thread_index() == 0)
        timed(state, Ring::kBatch, [&] { ring.put(fill); });
    else
        timed(state, Ring::kBatch, [&] { ring.take(empty); });
}

/* (f) Blocks doubled from 16 bytes to 1 MiB, in turn: a single one could grow where it lies
 * whenever it happens to be the heap's last, which would be luck and not the way's merit. */
template <typename Way> static void growth(benchmark::State &state)
{
    constexpr int kBlocks = 8;
    void *blocks[kBlocks];
    while (state.KeepRunningBatch(kBlocks)) {
        for (void *&block : blocks)
            block = Way::allocate(16);
        for (size_t n = 32; n <= 1 << 20; n *= 2)
            for (void *&block : blocks) {
                block = Way::resize(block, n);
                benchmark::DoNotOptimize(block);
            }
        for (void *block : blocks)
            Way::release(block);
    }
}

static benchmark::internal::Benchmark *add(const char *work, const char *way,
                                           benchmark::internal::Function *function)
{
    return benchmark::RegisterBenchmark((std::string(work) + "/" + way).c_str(), function);
}

void add_block_works()
{
    for_each_way([](auto way) {
        using Way = decltype(way);
        add("a", way.name, one_pair<Way>);
        add("b", way.name, slots<Way>)->Arg(4096);
        add("c", way.name, slots<Way>)->Arg(65536);
        add("alone", way.name, slots<Way>)->Arg(4096)->UseRealTime();
        add("d", way.name, slots<Way>)->Arg(4096)->Threads(2)->UseRealTime();
        add("e", way.name, handed_over<Way>)->Threads(2)->UseRealTime();
        add("f", way.name, growth<Way>);
    });
}
