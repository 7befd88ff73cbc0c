// zm::deleter: blocks of zmalloc and of groups in std::unique_ptr and std::shared_ptr. Rule: all is
// freed, from the group that it came from, also where there is no memory for the count of a
// std::shared_ptr.
#include "zmalloc/memory_resource.hpp"

#include <cstring>
#include <utility>
#include <vector>

#include "adapter.h"

namespace
{

zgroup *group;

// What C code lays out. It knows no destructors; were this one called, that would be seen.
struct Message {
    int number;
    char text[1000];
};

int destroyed;
struct Destroyed {
    ~Destroyed()
    {
        destroyed++;
    }
};

template <class T> using Owner = std::unique_ptr<T, zm::deleter>;

// Null where there is no memory.
template <class T> Owner<T> make_in_group()
{
    return Owner<T>(static_cast<T *>(zgroup_malloc(group, sizeof(T))), zm::deleter{group});
}

bool own_blocks()
{
    Owner<char> text(ztrystrdup("a string of C's"));
    Owner<const char> constant(ztrystrdup("another"));
    Owner<long[]> numbers(static_cast<long *>(zgroup_calloc(group, 100, sizeof(long))),
                          zm::deleter{group});
    Owner<void> untyped(zgroup_aligned_alloc(group, 256, 100), zm::deleter{group});
    Owner<Message> none, message = make_in_group<Message>();
    if (!text || !constant || !numbers || !untyped || !message)
        return false;
    numbers[99] = 1;
    std::strcpy(message->text, constant.get());
    require(zgroup_used(group)
                == zmalloc_size(numbers.get()) + zmalloc_size(untyped.get())
                       + zmalloc_size(message.get()),
            "the group has %zu bytes", zgroup_used(group));
    held();

    Owner<Message> taken = std::move(message);
    require(!message && taken.get_deleter().group == group, "a moved pointer has another group");
    // The deleter of no group goes along, and the block of the group back to it.
    none = std::move(taken);
    require(none.get_deleter().group == group, "an assigned pointer has another group");
    zgroup_free(group, none.release());
    untyped.reset();
    require(zgroup_used(group) == zmalloc_size(numbers.get()), "the group still has %zu bytes",
            zgroup_used(group));
    return true;
}

// The group holds the block and the count, and, by allocate_shared, both in one.
bool share_blocks()
try {
    Owner<Message> message = make_in_group<Message>();
    if (!message)
        return false;
    std::shared_ptr<Message> shared(message.release(), zm::deleter{group},
                                    zm::allocator<Message>(group));
    std::vector<std::shared_ptr<Message>, zm::allocator<std::shared_ptr<Message>>> all(10, shared,
                                                                                       group);
    auto whole = std::allocate_shared<Message>(zm::allocator<Message>(group));
    std::weak_ptr<Message> weak = shared;
    require(zgroup_used(group) > 2 * sizeof(Message) + zmalloc_size(all.data()),
            "the group has %zu bytes", zgroup_used(group));
    held();
    shared.reset();
    all.clear();
    require(weak.expired(), "a message is still there");
    // By a deleter alone the count is on the global operator new, which here is not counted.
    std::shared_ptr<char> text(ztrystrdup("text"), zm::deleter());
    return text != nullptr;
} catch (const std::bad_alloc &) {
    return false;
}

} // namespace

int main()
{
    static_assert(sizeof(zm::deleter) == sizeof(zgroup *));
    group = zgroup_new("blocks", nullptr, 0);
    require_work_in(group, own_blocks, 1000);
    require_work(own_blocks, 1000);
    require_work_in(group, share_blocks, 2000);
    require_work_under_failures(own_blocks, 5);
    require_work_under_failures(share_blocks, 5);
    make_in_group<Destroyed>();
    require(destroyed == 0, "a destructor was called");
    require(zgroup_used(group) == 0 && zgroup_destroy(group) == 0, "the group holds something");
    return 0;
}
