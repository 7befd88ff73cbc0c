/* Blocks allocated and freed. */
#include <vector>

#include "timed.h"
#include "variants.h"
#include "workload.h"

/* A random one of the thread's blocks, of which there are a power of two up to 65,536, is freed and
 * allocated anew. */
template <typename Variant> static void churn(benchmark::State &state, size_t count)
{
    constexpr int kBatch = 512;
    uint64_t random_state = FIRST_RANDOM + static_cast<uint64_t>(state.thread_index());
    std::vector<void *> blocks(count);
    for (void *&block : blocks)
        block = Variant::allocate(size_from(next_random(&random_state)));
    run_timed(state, kBatch, [&] {
        for (int i = 0; i < kBatch; i++) {
            uint64_t random = next_random(&random_state);
            void *&block = blocks[random & (count - 1)];
            Variant::release(block);
            block = Variant::allocate(size_from(random));
        }
    });
    for (void *block : blocks)
        Variant::release(block);
}

/* Of a size in the middle of what churn asks for. */
template <typename Variant> static void freed_by_another_thread(benchmark::State &state)
{
    auto make = [] { return Variant::allocate(144); };
    hand_over<void *>(state, true, make, [](void *block) { Variant::release(block); });
}

/* Eight blocks, doubled in turn from 16 bytes to 1 MiB; the time is that of one. A single block
 * could grow in place whenever it happens to be the heap's last. */
template <typename Variant> static void resize_to_1_mib(benchmark::State &state)
{
    constexpr int kBlocks = 8;
    void *blocks[kBlocks];
    while (state.KeepRunningBatch(kBlocks)) {
        for (void *&block : blocks)
            block = Variant::allocate(16);
        for (size_t n = 32; n <= 1 << 20; n *= 2)
            for (void *&block : blocks) {
                block = Variant::resize(block, n);
                benchmark::DoNotOptimize(block);
            }
        for (void *block : blocks)
            Variant::release(block);
    }
}

/* A group, or one within another, which all threads share. */
static zgroup *const groups[] = {zgroup_new("bench", nullptr, 0),
                                 zgroup_new("bench", zgroup_new("parent", nullptr, 0), 0)};
template <int kLevels>
VARIANT(InGroup, "zmalloc", zgroup_malloc(groups[kLevels - 1], n),
        zgroup_realloc(groups[kLevels - 1], p, n), zgroup_free(groups[kLevels - 1], p));

/* What groups cost: against the raw allocator, and the same churn without. */
template <typename Variant> static void add_in_group(const char *workload, int threads)
{
    add(workload, Raw::name, threads, churn<Raw>, 4096);
    add(workload, Variant::name, threads, churn<Variant>, 4096);
}

template <typename Variant> static void add_for()
{
    const char *variant = Variant::name;
    add("churn, 1 thread", variant, 0, churn<Variant>, 4096);
    add("churn, 65,536 slots", variant, 0, churn<Variant>, 65536);
    add("churn, 1 thread by the clock", variant, 1, churn<Variant>, 4096);
    add("churn, 2 threads", variant, 2, churn<Variant>, 4096);
    add("freed by another thread", variant, 2, freed_by_another_thread<Variant>);
    add("realloc to 1 MiB", variant, 0, resize_to_1_mib<Variant>);
}

void add_block_workloads()
{
    add_for<Raw>();
    add_for<RedisStyle>();
    add_for<Zmalloc>();
    add_for<Sqlite>();
    add_for<Talloc>();
    add_in_group<InGroup<1>>("churn in a group, 1 thread", 1);
    add_in_group<InGroup<1>>("churn in a group, 2 threads", 2);
    add_in_group<InGroup<2>>("churn in a group in a group, 1 thread", 1);
    add_in_group<InGroup<2>>("churn in a group in a group, 2 threads", 2);
}

/* What the bounds cost: churn at a steady 64 MiB. A library of before has no limits to be set. */
#pragma weak zmalloc_set_hard_limit
#pragma weak zmalloc_set_soft_limit
static std::vector<void *> steady;

/* By the benchmark's argument, in 128ths of what is in use. */
static void set_limits(const benchmark::State &state)
{
    const size_t hard[] = {0, 512, 129}, soft[] = {0, 384, 0}, part = zmalloc_used_memory() / 128;
    if (zmalloc_set_hard_limit) {
        zmalloc_set_hard_limit(part * hard[state.range(0)]);
        zmalloc_set_soft_limit(part * soft[state.range(0)], nullptr, nullptr);
    }
}

static void churn_steadily(benchmark::State &state)
{
    size_t count = steady.size() / state.threads(), first = state.thread_index() * count;
    uint64_t random = first + 1;
    run_timed(state, 64, [&] {
        for (int i = 0; i < 64; i++) {
            void *&block = steady[first + (next_random(&random) >> 11) % count];
            zfree(block);
            block = ztrymalloc(size_from(random));
        }
    });
}

void add_bounds(int idle_threads)
{
    uint64_t random = FIRST_RANDOM;
    for (int i = 0; i < 400000; i++)
        steady.push_back(zmalloc(size_from(next_random(&random))));
    keep_idle_threads(idle_threads);
    auto *added = benchmark::RegisterBenchmark("bounds", churn_steadily)->Setup(set_limits);
    added->DenseRange(0, 2)->ThreadRange(1, 64)->UseRealTime();
}

/* Blocks that samples cost most: aligned as one by nature, or large enough to be one nearly always.
 */
static void allocate_and_free(benchmark::State &state, void *(*allocate)(size_t n), size_t n)
{
    for (auto _ : state)
        zfree(allocate(n));
}

void add_sampled_workloads()
{
    add("zmalloc(4 KiB)", "zmalloc", 0, allocate_and_free, zmalloc, 4096);
    add("zmalloc(16 KiB)", "zmalloc", 0, allocate_and_free, zmalloc, 16384);
    add("zcalloc(1 MiB)", "zmalloc", 0, allocate_and_free, zcalloc, 1 << 20);
}
