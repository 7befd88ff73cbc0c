/* Works (a) to (f): blocks allocated and freed, each way. Every name is "work/way". */
#include <benchmark/benchmark.h>

#include <sched.h>

#include <atomic>
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

/* (b), (c), (d): a random slot is freed and allocated anew. */
template <typename Way> static void slots(benchmark::State &state)
{
    size_t count = static_cast<size_t>(state.range(0));
    uint64_t random_state = FIRST_RANDOM + static_cast<uint64_t>(state.thread_index());
    std::vector<void *> blocks(count);
    for (void *&block : blocks)
        block = Way::allocate(size_from(next_random(&random_state)));
    for (auto _ : state) {
        uint64_t random = next_random(&random_state);
        void *&block = blocks[slot_from(random, count)];
        Way::release(block);
        block = Way::allocate(size_from(random));
    }
    for (void *block : blocks)
        Way::release(block);
}

/* A ring that one thread fills and another empties; both run the same number of iterations. Who
 * waits gives up the processor: on a busy machine the other may be waiting for it. */
class Ring
{
  public:
    void put(void *block)
    {
        while (filled_ - emptied_seen_ == kRoom) {
            emptied_seen_ = emptied_shown_.load(std::memory_order_acquire);
            if (filled_ - emptied_seen_ == kRoom)
                sched_yield();
        }
        blocks_[filled_++ % kRoom] = block;
        filled_shown_.store(filled_, std::memory_order_release);
    }

    void *take()
    {
        while (emptied_ == filled_seen_) {
            filled_seen_ = filled_shown_.load(std::memory_order_acquire);
            if (emptied_ == filled_seen_)
                sched_yield();
        }
        void *block = blocks_[emptied_++ % kRoom];
        emptied_shown_.store(emptied_, std::memory_order_release);
        return block;
    }

  private:
    static constexpr size_t kRoom = 1024;
    alignas(64) size_t filled_ = 0;
    size_t emptied_seen_ = 0;
    alignas(64) size_t emptied_ = 0;
    size_t filled_seen_ = 0;
    alignas(64) std::atomic<size_t> filled_shown_{0};
    alignas(64) std::atomic<size_t> emptied_shown_{0};
    alignas(64) void *blocks_[kRoom];
};

/* (e) Thread 0 allocates, thread 1 frees. */
template <typename Way> static void handed_over(benchmark::State &state)
{
    static Ring ring;
    if (state.thread_index() == 0) {
        for (auto _ : state)
            ring.put(Way::allocate(kUsualSize));
    } else {
        for (auto _ : state)
            Way::release(ring.take());
    }
}

/* (f) A block doubled from 16 bytes to 1 MiB. */
template <typename Way> static void growth(benchmark::State &state)
{
    for (auto _ : state) {
        void *p = Way::allocate(16);
        for (size_t n = 32; n <= 1 << 20; n *= 2) {
            p = Way::resize(p, n);
            benchmark::DoNotOptimize(p);
        }
        Way::release(p);
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
        add("d", way.name, slots<Way>)->Arg(4096)->Threads(2)->UseRealTime();
        add("e", way.name, handed_over<Way>)->Threads(2)->UseRealTime();
        add("f", way.name, growth<Way>);
    });
}
