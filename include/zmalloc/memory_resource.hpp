/* C++ on zmalloc: containers, std::pmr and smart pointers, counted, in a group or in none.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/memory_resource.hpp>
 *
 *     zgroup *tenant = zgroup_new("tenant", nullptr, 10 << 20);
 *     if (!tenant) // no group is no limit
 *         throw std::bad_alloc();
 *     {
 *         zm::memory_resource memory(tenant);
 *         std::pmr::vector<std::pmr::string> words(&memory);
 *         std::vector<int, zm::allocator<int>> numbers(tenant);
 *         std::unique_ptr<char[], zm::deleter> text{
 *             static_cast<char *>(zgroup_malloc(tenant, 100)), zm::deleter{tenant}};
 *     }
 *     zgroup_destroy(tenant);
 *
 * Which of them: zm::memory_resource where the containers are of std::pmr or the type must not
 * depend on the allocator; zm::allocator<T> elsewhere, which costs no virtual call. Nothing is to
 * be installed: what is not given one of these allocates as before, global operator new too.
 *
 * The group must outlive all that was given it. zgroup_destroy refuses while a block is left.
 *
 * Memory that is not to be had, be it for a limit, gives std::bad_alloc, and the container is what
 * the standard says of that: intact after push_back. The out-of-memory handler is not called.
 * Without exceptions (-fno-exceptions) the process ends by std::abort.
 *
 * Threads: these objects may be used from any at any time, as the calls that they make; containers
 * have their own rules.
 *
 * C++17 and newer. Tried with libstdc++ 12 and libc++ 14 and 16. libc++ has std::pmr since 16:
 * before there is no zm::memory_resource. Units are those of zmalloc.h: bytes; T for counts. */
#ifndef ZMALLOC_MEMORY_RESOURCE_HPP
#define ZMALLOC_MEMORY_RESOURCE_HPP

#include "../zmalloc.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#if __has_include(<memory_resource>)
#include <memory_resource>
#endif

namespace zm
{

namespace detail
{

template <class Exception> [[noreturn]] inline void refuse()
{
#ifdef __cpp_exceptions
    throw Exception();
#else
    std::abort();
#endif
}

/* n bytes aligned to `align`, a power of two; never null.
 *
 * A library built with -Dprefix_size=word aligns ordinary blocks to sizeof(size_t) only, and no
 * header tells which one is loaded. So the aligned call is asked for all above that. Where ordinary
 * blocks are aligned enough it hands out one of them, at the price of a few instructions. */
[[nodiscard]] inline void *allocate(zgroup *group, std::size_t n, std::size_t align)
{
    void *block = align <= sizeof(std::size_t) ? zgroup_malloc(group, n)
                                               : zgroup_aligned_alloc(group, align, n);
    if (!block)
        refuse<std::bad_alloc>();
    return block;
}

/* The bytes of `count` objects, which fit. */
[[nodiscard]] constexpr std::size_t size_of(std::size_t count, std::size_t size)
{
    if (count > SIZE_MAX / size)
        refuse<std::bad_array_new_length>();
    return count * size;
}

} // namespace detail

/* Frees blocks of a group, or of zmalloc and its kin where it has none. For std::unique_ptr and
 * std::shared_ptr, on bytes, on what C code laid out and on T[]. It does not destroy: no destructor
 * runs. */
struct deleter {
    zgroup *group = nullptr;

    /* Null is fine. Const blocks are freed as others are. */
    void operator()(const void *block) const noexcept
    {
        zgroup_free(group, const_cast<void *>(block));
    }
};

/* An allocator for containers. Made from a group without a word, as polymorphic_allocator is from a
 * resource: `std::vector<int, zm::allocator<int>> numbers(group)`.
 *
 * A moved container takes its blocks and its group along, and a swap exchanges both. So neither can
 * fail, nor copies anything, whatever the groups are; without that a swap between groups would be
 * undefined. What was moved stays charged to the group that it came from, and the container
 * allocates there from then on. To move values into a container's own group, move them one by one,
 * or construct by `Container(std::move(other), group)`.
 *
 * A copy that is constructed is in the group of the original, unless it is given another; one that
 * is assigned is in the group of the target, which keeps its own.
 *
 * As with any allocators that are not equal, the standard leaves undefined what becomes of nodes
 * that go from one group to another: splice, merge, extract and insert. */
template <class T> class allocator
{
  public:
    using value_type = T;
    using is_always_equal = std::false_type;
    using propagate_on_container_copy_assignment = std::false_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;

    /* Of the group, or of none for null. */
    allocator(zgroup *group = nullptr) noexcept : owner(group)
    {
    }

    template <class U> allocator(const allocator<U> &other) noexcept : owner(other.group())
    {
    }

    [[nodiscard]] zgroup *group() const noexcept
    {
        return owner;
    }

    /* Room for `count` objects, aligned for them; 0 gives a block too. Throws
     * std::bad_array_new_length where their bytes do not fit size_t, else std::bad_alloc. */
    [[nodiscard]] T *allocate(std::size_t count)
    {
        return static_cast<T *>(
            detail::allocate(owner, detail::size_of(count, sizeof(T)), alignof(T)));
    }

#ifdef __cpp_lib_allocate_at_least
    /* The same, and how many objects the block has room for, by its usable size; containers of
     * C++23 fill it. The compiler is not to believe the size that was asked for: see
     * zmalloc_at_least about _FORTIFY_SOURCE. */
    [[nodiscard]] std::allocation_result<T *> allocate_at_least(std::size_t count)
    {
        void *block = allocate(count);
        __asm__("" : "+r"(block));
        return {static_cast<T *>(block), zmalloc_usable(block) / sizeof(T)};
    }
#endif

    /* `count` is of no use: it is what was asked for, and not what the block has. */
    void deallocate(T *block, std::size_t) noexcept
    {
        zgroup_free(owner, block);
    }

  private:
    zgroup *owner;
};

/* One may free what the other allocated: both are of one group, or of none. */
template <class T, class U>
[[nodiscard]] bool operator==(const allocator<T> &a, const allocator<U> &b) noexcept
{
    return a.group() == b.group();
}

template <class T, class U>
[[nodiscard]] bool operator!=(const allocator<T> &a, const allocator<U> &b) noexcept
{
    return !(a == b);
}

#ifdef __cpp_lib_memory_resource

/* A resource for containers of std::pmr, and upstream of its pools. It must outlive them. The
 * containers stay with it: moved or copied to one of another resource, their elements move into
 * blocks of that. */
class memory_resource final : public std::pmr::memory_resource
{
  public:
    /* Of the group, or of none for null. */
    explicit memory_resource(zgroup *group = nullptr) noexcept : owner(group)
    {
    }

    [[nodiscard]] zgroup *group() const noexcept
    {
        return owner;
    }

  private:
    /* 0 bytes are a block, too. Throws std::bad_alloc, also for an alignment that is none. */
    void *do_allocate(std::size_t n, std::size_t align) override
    {
        return detail::allocate(owner, n, align);
    }

    void do_deallocate(void *block, std::size_t, std::size_t) override
    {
        zgroup_free(owner, block);
    }

    /* Resources of one group are equal, as are those of none: each frees the other's blocks.
     * Without RTTI nobody can tell what `other` is, and a resource is equal to itself alone. */
    bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override
    {
#ifdef __cpp_rtti
        const auto *same = dynamic_cast<const memory_resource *>(&other);
        return same && same->owner == owner;
#else
        return this == &other;
#endif
    }

    zgroup *owner;
};

#endif

} // namespace zm

#endif
