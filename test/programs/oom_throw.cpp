// A handler that throws, through the library's own frames. Rule: where the C compiler makes tables
// for unwinding, the exception arrives, any number of times, and the total is what it was.
#include <cstdint>
#include <cstdio>
#include <new>
#include <zmalloc.h>

static volatile std::size_t too_much = SIZE_MAX;

static void throw_bad_alloc(std::size_t)
{
    throw std::bad_alloc();
}

static bool is_caught(void *(*run_out)(std::size_t n))
{
    try {
        zfree(run_out(too_much));
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

static void *resize(std::size_t n)
{
    void *block = zmalloc(100);
    try {
        return zrealloc(block, n);
    } catch (...) {
        zfree(block);
        throw;
    }
}

int main()
{
    void *block = zmalloc(100);
    const std::size_t total = zmalloc_used_memory();
    zmalloc_set_oom_handler(throw_bad_alloc);
    for (int i = 0; i < 1000; i++)
        if (!is_caught(zmalloc) || !is_caught(zcalloc) || !is_caught(resize))
            return std::puts("an exception was lost"), 1;
    if (zmalloc_used_memory() != total)
        return std::puts("the total is another"), 1;
    zfree(block);
    return 0;
}
