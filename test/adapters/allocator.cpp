// zm::allocator between groups: what a move, a swap, a copy and a node handle charge to whom; and
// what a container is after std::bad_alloc, by the group's limit and by each allocation failing in
// turn.
#include "zmalloc/memory_resource.hpp"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "adapter.h"

namespace
{

template <class T> using Vector = std::vector<T, zm::allocator<T>>;
template <class T>
using Map = std::map<int, T, std::less<int>, zm::allocator<std::pair<const int, T>>>;
using String = std::basic_string<char, std::char_traits<char>, zm::allocator<char>>;

zgroup *a, *b;

void require_used(std::size_t in_a, std::size_t in_b, const char *when)
{
    require(zgroup_used(a) == in_a && zgroup_used(b) == in_b,
            "%s: a has %zu bytes, not %zu, and b %zu, not %zu", when, zgroup_used(a), in_a,
            zgroup_used(b), in_b);
}

template <class T> std::size_t size_of(const Vector<T> &items)
{
    return zmalloc_size(items.data());
}

void require_type()
{
    using Traits = std::allocator_traits<zm::allocator<int>>;
    static_assert(!Traits::is_always_equal::value);
    static_assert(Traits::propagate_on_container_move_assignment::value);
    static_assert(Traits::propagate_on_container_swap::value);
    static_assert(!Traits::propagate_on_container_copy_assignment::value);
    static_assert(std::is_same_v<Traits::rebind_alloc<char>, zm::allocator<char>>);
    static_assert(
        std::is_nothrow_move_assignable_v<Vector<int>> && std::is_nothrow_swappable_v<Vector<int>>);

    zm::allocator<int> in_a(a);
    zm::allocator<char> rebound(in_a);
    require(rebound.group() == a && rebound == in_a && !(rebound != in_a),
            "a rebound allocator is not equal");
    require(in_a != zm::allocator<int>(b) && in_a != zm::allocator<int>()
                && !(in_a == zm::allocator<char>(b)),
            "allocators of different groups are equal");
    require(zm::allocator<int>() == zm::allocator<char>(), "allocators of no group are not equal");
}

bool move_and_swap()
{
    Vector<int> first(1000, 1, a), second(2000, 2, b);
    const std::size_t of_first = size_of(first), of_second = size_of(second);
    const int *data = first.data();
    require_used(of_first, of_second, "made");

    swap(first, second);
    require_used(of_first, of_second, "swapped");
    require(second.data() == data && second.get_allocator().group() == a
                && first.get_allocator().group() == b,
            "a swap did not exchange the groups");

    Vector<int> copy(second);
    require(copy.get_allocator().group() == a, "a copy is in another group than the original");
    copy = first;
    require(copy.get_allocator().group() == a && copy == first,
            "an assigned copy is in another group");
    require_used(of_first + size_of(copy), of_second, "copied");

    first = std::move(second);
    require_used(of_first + size_of(copy), 0, "moved over");
    require(first.data() == data && first.get_allocator().group() == a,
            "a move did not take its block along");
    first.resize(10000);
    require_used(size_of(first) + size_of(copy), 0, "grown");

    Vector<int> other(std::move(first), b);
    require(other.get_allocator().group() == b && other.size() == 10000 && other[999] == 1,
            "a move into another group lost something");
    require(zgroup_used(b) == size_of(other), "a move into another group charges %zu there",
            zgroup_used(b));
    held();
    return true;
}

bool hand_nodes_over()
{
    Map<String> from(a), to(a), elsewhere(b);
    for (int i = 0; i < 100; i++)
        from.emplace(i, String(50, 'a', a));
    const std::size_t full = zgroup_used(a);
    auto node = from.extract(50);
    node.key() = 1000;
    require_used(full, 0, "a node was taken out");
    to.insert(std::move(node));
    to.merge(from);
    require(from.empty() && to.size() == 100 && to.rbegin()->first == 1000, "nodes were lost");
    require_used(full, 0, "nodes were handed over");
    {
        auto dropped = to.extract(1000);
        require(dropped.get_allocator() == to.get_allocator(), "a node has another allocator");
    }
    require(zgroup_used(a) < full, "a dropped node was not freed");
    held();
    elsewhere = std::move(to);
    require(elsewhere.get_allocator().group() == a && zgroup_used(b) == 0,
            "a moved map left its group");
    return true;
}

// ---- Out of memory ----

// change() throws std::bad_alloc at last, and the container is what it was before: its copy is in
// no group.
template <class Container, class Change>
void require_strong(Container &container, const char *what, Change change)
{
    for (int i = 0; i < 1000000; i++) {
        const Container before(container, zm::allocator<char>());
        const std::size_t used = zgroup_used(a), size = container.size();
        try {
            change(container);
        } catch (const std::bad_alloc &) {
            require(container.size() == size && container == before,
                    "%s changed what it had no memory for", what);
            require(zgroup_used(a) == used, "%s left %zu bytes", what, zgroup_used(a) - used);
            return;
        }
    }
    fail(__FILE__, __LINE__, "%s never fails", what);
}

void exceed_limit()
{
    const auto append = [](auto &items) { items.push_back('a'); };
    zgroup_set_limit(a, 4000);
    {
        Vector<int> numbers(a);
        require_strong(numbers, "vector::push_back", append);
        require(numbers.size() >= 256 && size_of(numbers) <= 4000, "the limit let %zu numbers in",
                numbers.size());
    }
    {
        String text(a);
        require_strong(text, "string::push_back", append);
    }
    {
        Map<long> tree(a);
        require_strong(tree, "map::emplace",
                       [](auto &map) { map.emplace(static_cast<int>(map.size()), 1); });
    }
    require_used(0, 0, "after the limit");
    zgroup_set_limit(a, 0);
}

// Of the allocations that two containers ask for each fails in turn.
bool fail_each()
{
    Vector<String> words(a);
    Map<String> tree(a);
    for (std::size_t nth = 1; nth < 100; nth++) {
        const std::size_t of_words = words.size(), of_tree = tree.size();
        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, nth % 5 + 1);
        try {
            words.emplace_back(50, 'a', a);
        } catch (const std::bad_alloc &) {
            require(words.size() == of_words, "a vector has %zu words, not %zu", words.size(),
                    of_words);
        }
        try {
            tree.emplace(static_cast<int>(nth), String(50, 'a', a));
        } catch (const std::bad_alloc &) {
            require(tree.size() == of_tree, "a map has %zu words, not %zu", tree.size(), of_tree);
        }
        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
    }
    require(words.size() > 10 && words.size() < 99 && tree.size() > 10 && tree.size() < 99,
            "nothing failed");
    for (const auto &word : words)
        require(word.size() == 50 && word.get_allocator().group() == a, "a word is another");
    held();
    return true;
}

template <class Exception, class T> void require_refused(std::size_t count)
{
    try {
        zm::allocator<T> allocator(a);
        T *block = allocator.allocate(count);
        allocator.deallocate(block, count);
    } catch (const std::bad_alloc &exception) {
        const bool is_length = dynamic_cast<const std::bad_array_new_length *>(&exception);
        require((is_length == std::is_same_v<Exception, std::bad_array_new_length>),
                "another exception: %s", exception.what());
        return;
    }
    fail(__FILE__, __LINE__, "%zu objects were to be had", count);
}

void ask_for_too_much()
{
    volatile std::size_t all = SIZE_MAX;
    require_refused<std::bad_array_new_length, long>(all / sizeof(long) + 1);
    require_refused<std::bad_alloc, long>(all / sizeof(long));
    require_refused<std::bad_alloc, char>(all);
    struct alignas(4096) Page {
        char bytes[4096];
    };
    require_refused<std::bad_alloc, Page>(all / sizeof(Page));
}

// None of the standard's containers asks for 0 objects, but it is allowed.
bool ask_for_blocks()
{
    zm::allocator<long double> allocator(a);
    long double *none = allocator.allocate(0);
    require(none != nullptr && zgroup_used(a) == zmalloc_size(none), "no objects were not charged");
    allocator.deallocate(none, 0);
#ifdef __cpp_lib_allocate_at_least
    for (std::size_t count = 1; count < 1000; count += 7) {
        zm::allocator<char> chars(a);
        const auto [block, room] = chars.allocate_at_least(count);
        require(room >= count && room == zmalloc_usable(block), "there is room for %zu, not %zu",
                room, count);
        std::memset(block, 1, room);
        chars.deallocate(block, room);
    }
#endif
    held();
    return true;
}

} // namespace

int main()
{
    a = zgroup_new("a", nullptr, 0);
    b = zgroup_new("b", nullptr, 0);
    require_type();
    require_work_in(a, move_and_swap, 40000);
    require_work_in(a, hand_nodes_over, 5000);
    require_work_in(a, fail_each, 1000);
    require_work_in(a, ask_for_blocks, 0);
    exceed_limit();
    ask_for_too_much();
    require_used(0, 0, "at the end");
    require(zgroup_destroy(a) == 0 && zgroup_destroy(b) == 0, "a group holds something");
    return 0;
}
