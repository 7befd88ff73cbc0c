/* Blocks allocated and freed. */
#include <vector>

#include "timed.h"
#include "variants.h"
#include "workload.h"

/* In the middle of what churn asks for. */
static constexpr size_t kUsualSize = 144;

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

template <typename Variant> static void freed_by_another_thread(benchmark::State &state)
{
    auto make = [] { return Variant::allocate(kUsualSize); };
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
template <int kLevels> static zgroup *group()
{
    static zgroup *const group =
        zgroup_new("bench", kLevels > 1 ? zgroup_new("parent", nullptr, 0) : nullptr, 0);
    return group;
}
template <int kLevels>
VARIANT(InGroup, "zmalloc", zgroup_malloc(group<kLevels>(), n),
        zgroup_realloc(group<kLevels>(), p, n), zgroup_free(group<kLevels>(), p));

/* What groups cost: against the raw allocator, and the same churn without. */
template <typename Variant> static void add_in_groups(const std::string &where)
{
    for (const char *variant : {Raw::name, Variant::name})
        for (int threads : {1, 2})
            add((where + (threads == 1 ? ", 1 thread" : ", 2 threads")).c_str(), variant,
                variant == Raw::name ? churn<Raw> : churn<Variant>, 4096)
                ->Threads(threads)
                ->UseRealTime();
}

/* UseRealTime: by the clock, as threads wait for each other; the others by processor time. */
template <typename Variant> static void add_for()
{
    const char *variant = Variant::name;
    add("churn, 1 thread", variant, churn<Variant>, 4096);
    add("churn, 65,536 slots", variant, churn<Variant>, 65536);
    add("churn, 1 thread by the clock", variant, churn<Variant>, 4096)->UseRealTime();
    add("churn, 2 threads", variant, churn<Variant>, 4096)->Threads(2)->UseRealTime();
    add("freed by another thread", variant, freed_by_another_thread<Variant>)
        ->Threads(2)
        ->UseRealTime();
    add("realloc to 1 MiB", variant, resize_to_1_mib<Variant>);
}

void add_block_workloads()
{
    add_for<Raw>();
    add_for<RedisStyle>();
    add_for<Zmalloc>();
    add_for<Sqlite>();
    add_for<Talloc>();
    add_in_groups<InGroup<1>>("churn in a group");
    add_in_groups<InGroup<2>>("churn in a group in a group");
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
