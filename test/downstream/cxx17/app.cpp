// Containers of the C++17 library, counted. Argument: the allocator that should serve.
#include <cstdio>
#include <memory_resource>
#include <new>
#include <string>
#include <string_view>
#include <vector>
#include <zmalloc.h>

class counted : public std::pmr::memory_resource
{
    void *do_allocate(std::size_t n, std::size_t align) override
    {
        if (void *block = ztryaligned_alloc(align, n))
            return block;
        throw std::bad_alloc();
    }

    void do_deallocate(void *block, std::size_t, std::size_t) override
    {
        zfree(block);
    }

    bool do_is_equal(const memory_resource &other) const noexcept override
    {
        return this == &other;
    }
};

int main(int argc, char **argv)
{
    const std::string_view serves = zmalloc_lib();
    if (argc != 2 || serves.substr(0, serves.find('-')) != argv[1])
        return std::puts("another allocator serves than the one that was asked for"), 1;
    if (std::string_view(zmalloc_version()) != ZMALLOC_VERSION_STRING)
        return std::puts("the header is not that of the library"), 1;

    counted memory;
    {
        std::pmr::vector<std::pmr::string> words(&memory);
        while (words.size() < 1000)
            words.emplace_back("longer than a string may be without a block of its own");
        if (zmalloc_used_memory() < 1000 * words.back().size())
            return std::puts("the containers are not counted"), 1;
    }
    if (zmalloc_used_memory() != 0)
        return std::puts("the total is not what it was"), 1;
    std::printf("%s, zmalloc %s\n", zmalloc_lib(), zmalloc_version());
}
