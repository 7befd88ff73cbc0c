// zmalloc/memory_resource.hpp in containers, on real data: of std::pmr on zm::memory_resource,
// below pools and without, and of the other kind on zm::allocator. In a group and in none.
#include "zmalloc/memory_resource.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "adapter.h"

namespace
{

// Over-aligned for any malloc, and aligned to more than -Dprefix_size=word aligns ordinary blocks.
struct alignas(64) Line {
    int number;
};
struct alignas(16) Quad {
    int number;
};

// Where the work of this moment allocates.
zgroup *group;

template <class T> bool are_aligned(const T &items)
{
    return std::all_of(items.begin(), items.end(), [](const auto &item) {
        return reinterpret_cast<std::uintptr_t>(&item) % alignof(decltype(item)) == 0;
    });
}

// Fills, looks up, takes apart and compares what `Of` names its containers, all on one allocator.
template <class Of, class Allocator> void use_containers(const Allocator &allocator, int count)
{
    typename Of::String word("a word too long for a string without a block of its own", allocator);
    typename Of::template Vector<int> numbers(allocator);
    typename Of::template Map<typename Of::String> tree(allocator);
    typename Of::template Hash<int> hash(allocator);
    typename Of::template List<Line> list(allocator);
    typename Of::template Vector<Line> lines(allocator);
    typename Of::template Vector<Quad> quads(allocator);
    typename Of::template Deque<Line> queue(allocator);
    for (int i = 0; i < count; i++) {
        numbers.push_back(i * 7 % count);
        tree.emplace(i, typename Of::String(word, allocator));
        hash[i] = i;
        list.push_back({i});
        lines.push_back({i});
        quads.push_back({i});
        queue.push_front({i});
        word += "!";
        if (i % 3 == 0)
            tree.erase(i / 2);
    }
    require(are_aligned(list) && are_aligned(lines) && are_aligned(quads) && are_aligned(queue),
            "an element is not aligned");
    std::sort(numbers.begin(), numbers.end());
    const long sum = std::accumulate(numbers.begin(), numbers.end(), 0L);
    require(sum == static_cast<long>(count) * (count - 1) / 2, "the sum is %ld", sum);
    require(hash.at(count - 1) == count - 1 && list.back().number == count - 1
                && queue.back().number == 0 && tree.rbegin()->second.size() == word.size() - 1,
            "an element is another");
    typename Of::template List<Line> other(list, allocator);
    other.splice(other.end(), list);
    auto node = hash.extract(0);
    auto copy = typename Of::template Hash<int>(hash, allocator);
    copy.insert(std::move(node));
    require(other.size() == 2 * static_cast<std::size_t>(count) && list.empty()
                && copy.size() == hash.size() + 1,
            "nodes were lost");
    held();
}

// What the containers are, of each kind.
struct Allocators {
    template <class T> using On = zm::allocator<T>;
    using String = std::basic_string<char, std::char_traits<char>, On<char>>;
    template <class T> using Vector = std::vector<T, On<T>>;
    template <class T> using Deque = std::deque<T, On<T>>;
    template <class T> using List = std::list<T, On<T>>;
    template <class T> using Map = std::map<int, T, std::less<int>, On<std::pair<const int, T>>>;
    template <class T>
    using Hash =
        std::unordered_map<int, T, std::hash<int>, std::equal_to<int>, On<std::pair<const int, T>>>;
};

int count;

bool use_allocators()
try {
    use_containers<Allocators>(zm::allocator<char>(group), count);
    return true;
} catch (const std::bad_alloc &) {
    return false;
}

#ifdef __cpp_lib_memory_resource
struct Pmr {
    using String = std::pmr::string;
    template <class T> using Vector = std::pmr::vector<T>;
    template <class T> using Deque = std::pmr::deque<T>;
    template <class T> using List = std::pmr::list<T>;
    template <class T> using Map = std::pmr::map<int, T>;
    template <class T> using Hash = std::pmr::unordered_map<int, T>;
};

bool use_pmr()
try {
    zm::memory_resource memory(group);
    use_containers<Pmr>(std::pmr::polymorphic_allocator<char>(&memory), count);
    return true;
} catch (const std::bad_alloc &) {
    return false;
}

bool use_monotonic()
try {
    zm::memory_resource memory(group);
    std::pmr::monotonic_buffer_resource buffer(&memory);
    use_containers<Pmr>(std::pmr::polymorphic_allocator<char>(&buffer), count);
    return true;
} catch (const std::bad_alloc &) {
    return false;
}

template <class Pool> bool use_pool()
try {
    zm::memory_resource memory(group);
    Pool pool(&memory);
    use_containers<Pmr>(std::pmr::polymorphic_allocator<char>(&pool), count);
    pool.release();
    use_containers<Pmr>(std::pmr::polymorphic_allocator<char>(&pool), count / 2);
    return true;
} catch (const std::bad_alloc &) {
    return false;
}

// What libstdc++ 12's pools bear. Where the list of a pool's chunks finds no memory to grow they
// swallow the exception (replenish() in its memory_resource.cc), take a block from the chunk that
// is not there, and crash or give null. So allocations fail here only in what they pass on: blocks
// above 64 bytes, the least that they pool to.
template <class Pool> bool use_pool_beyond()
try {
    struct Wide {
        char bytes[100];
    };
    zm::memory_resource memory(group);
    Pool pool({0, 64}, &memory);
    std::pmr::list<Wide> list(&pool);
    std::pmr::vector<Wide> array(&pool);
    for (int i = 0; i < 20; i++) {
        list.push_back({{'a'}});
        array.push_back(list.front());
    }
    list.pop_front();
    return true;
} catch (const std::bad_alloc &) {
    return false;
}

// Blocks of all sizes and alignments, 0 bytes among them, freed through another resource of the
// group.
bool use_blocks()
{
    zm::memory_resource memory(group), same(group);
    for (std::size_t align = 1; align <= 4096; align *= 2)
        for (std::size_t n : std::initializer_list<std::size_t>{0, 1, 8, 24, 100, 5000}) {
            const std::size_t before = held();
            void *block = memory.allocate(n, align), *other = memory.allocate(n, align);
            require(block != other, "a block of %zu bytes is not distinct", n);
            require(reinterpret_cast<std::uintptr_t>(block) % align == 0,
                    "a block of %zu bytes is not aligned to %zu", n, align);
            require(held() == before + zmalloc_size(block) + zmalloc_size(other),
                    "blocks of %zu bytes aligned to %zu were charged %zu", n, align,
                    held() - before);
            memory.deallocate(block, n, align);
            same.deallocate(other, n, align);
            require(held() == before, "%zu bytes aligned to %zu were not freed", n, align);
        }
    return true;
}

void require_equality()
{
    zgroup *other = zgroup_new("other", nullptr, 0);
    zm::memory_resource a(group), same(group), b(other), none, none_either;
    require(a == a && a == same && none == none_either, "resources of one group are not equal");
    require(a != b && a != none && none != *std::pmr::new_delete_resource()
                && *std::pmr::new_delete_resource() != none,
            "resources of different groups are equal");
    require(a.group() == group && none.group() == nullptr, "the group is another");
    zgroup_destroy(other);
}
#endif

void use_threads()
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([] { require(use_allocators(), "a thread finds no memory"); });
    for (auto &thread : threads)
        thread.join();
}

// In a group and in none, with each allocation failing in turn in both.
void require_all(const char *name, bool (*work)(), bool (*failing_work)(), std::size_t least)
{
    std::printf("%s: ", name);
    for (zgroup *in : {zgroup_new("containers", nullptr, 0), static_cast<zgroup *>(nullptr)}) {
        group = in;
        count = 2000;
        require_work_in(group, work, 1000000);
        if (in)
            std::printf("%zu bytes; ", zgroup_peak(in));
        count = 20;
        require_work_under_failures(failing_work, least);
        require(zgroup_used(in) == 0 && zgroup_destroy(in) == 0, "the group holds something");
    }
}

} // namespace

int main()
{
    require_all("allocators", use_allocators, use_allocators, 100);
#ifdef __cpp_lib_memory_resource
    using Pool = std::pmr::unsynchronized_pool_resource;
    using LockedPool = std::pmr::synchronized_pool_resource;
    require_all("std::pmr", use_pmr, use_pmr, 100);
    require_all("a monotonic buffer", use_monotonic, use_monotonic, 3);
    require_all("a pool", use_pool<Pool>, use_pool_beyond<Pool>, 25);
    require_all("a pool with a lock", use_pool<LockedPool>, use_pool_beyond<LockedPool>, 25);
    group = zgroup_new("resource", nullptr, 0);
    require_work_in(group, use_blocks, 10000);
    require_equality();
    require(zgroup_destroy(group) == 0, "the group holds something");
    group = nullptr;
    require_work(use_blocks, 10000);
#endif
    group = zgroup_new("threads", nullptr, 0);
    count = 2000;
    use_threads();
    require(zgroup_used(group) == 0 && zgroup_destroy(group) == 0, "threads left something");
    return 0;
}
