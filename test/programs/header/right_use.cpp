// Ordinary right use from C++17. Rule: it compiles without a warning, links and works.
#include <zmalloc.h>

#include <cstring>
#include <memory>
#include <new>

namespace
{

struct Free {
    void operator()(void *block) const
    {
        zfree(block);
    }
};

template <typename T> std::unique_ptr<T[], Free> make_zeroed(std::size_t count)
{
    return std::unique_ptr<T[], Free>(static_cast<T *>(zcalloc(count * sizeof(T))));
}

template <typename T> struct Allocator {
    using value_type = T;

    T *allocate(std::size_t count)
    {
        if (void *block = ztrycalloc_num(count, sizeof(T)))
            return static_cast<T *>(block);
        throw std::bad_alloc();
    }

    void deallocate(T *block, std::size_t) noexcept
    {
        zfree(block);
    }
};

} // namespace

int main()
{
    const std::size_t before = zmalloc_used_memory();
    zmalloc_set_oom_handler([](std::size_t) { throw std::bad_alloc(); });
    {
        auto numbers = make_zeroed<long>(100);
        Allocator<char> allocator;
        char *text = allocator.allocate(20);
        std::strcpy(text, ZMALLOC_VERSION_STRING);
        if (numbers[99] != 0 || std::strcmp(text, zmalloc_version()) != 0)
            return 1;
        if (zmalloc_used_memory() != before + zmalloc_size(numbers.get()) + zmalloc_size(text))
            return 1;
        allocator.deallocate(text, 20);
    }
    return zmalloc_used_memory() == before ? 0 : 1;
}
