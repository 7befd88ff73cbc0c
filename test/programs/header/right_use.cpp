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

// Its own operators, inlined or not: what a block's attributes say must not make the compiler take
// zfree in one of them for a wrong deallocator.
struct Counted {
    static void *operator new(std::size_t n)
    {
        if (void *block = zmalloc(n))
            return block;
        throw std::bad_alloc();
    }
    static void operator delete(void *block) noexcept
    {
        zfree(block);
    }
    virtual ~Counted() = default;
};

struct CountedElsewhere {
    static void *operator new(std::size_t n);
    static void operator delete(void *block) noexcept;
    int number = 7;
};

struct NewElsewhere {
    static void *operator new(std::size_t n);
    static void operator delete(void *block) noexcept
    {
        zfree(block);
    }
    int number = 7;
};

struct DeleteElsewhere {
    static void *operator new(std::size_t n)
    {
        return zmalloc(n);
    }
    static void operator delete(void *block) noexcept;
    int number = 7;
};

__attribute__((noinline)) void *CountedElsewhere::operator new(std::size_t n)
{
    return zmalloc(n);
}

__attribute__((noinline)) void CountedElsewhere::operator delete(void *block) noexcept
{
    zfree(block);
}

__attribute__((noinline)) void *NewElsewhere::operator new(std::size_t n)
{
    return zmalloc(n);
}

__attribute__((noinline)) void DeleteElsewhere::operator delete(void *block) noexcept
{
    zfree(block);
}

int make_and_drop()
{
    delete new Counted;
    delete new CountedElsewhere;
    delete new NewElsewhere;
    delete new DeleteElsewhere;
    int *number = new int(1);
    int result = *number - 1;
    delete number;
    return result;
}

inline void *zeroed_inline(std::size_t n)
{
    return zcalloc(n);
}

} // namespace

// Allocators may call it before main, and within what is asked of them here.
void *operator new(std::size_t n)
{
    void *block = n % 3 == 0 ? ztryaligned_alloc(64, n) : ztrymalloc_at_least(n, nullptr);
    if (block && zmalloc_size(block) <= (std::size_t)-1 / 2)
        return block;
    throw std::bad_alloc();
}

void operator delete(void *block) noexcept
{
    zfree(block);
}

void operator delete(void *block, std::size_t) noexcept
{
    zfree(block);
}

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
    zfree(zeroed_inline(1));
    if (make_and_drop() != 0)
        return 1;
    return zmalloc_used_memory() == before ? 0 : 1;
}
