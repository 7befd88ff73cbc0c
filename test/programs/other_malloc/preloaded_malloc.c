/* The library on the process's malloc, which a preload or the program may bring. Rules: every block
 * is aligned for any object; the total is exact; what the allocator says of itself is not told, or
 * true; no resize passes the hard limit, whatever sizes the allocator has.
 *
 * Argument: where another malloc is to be there, the name of its library. */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "total.h"

enum { BLOCKS = 50 };

static void require_preloaded(const char *name)
{
    Dl_info object;
    void *address = dlsym(RTLD_DEFAULT, "malloc");
    require(address && dladdr(address, &object) && strstr(object.dli_fname, name),
            "malloc is that of %s, not of %s", object.dli_fname, name);
}

static void require_aligned(const void *block, const char *call, size_t n)
{
    require((uintptr_t)block % _Alignof(max_align_t) == 0, "%s of %zu bytes: %p", call, n, block);
}

static void check_size(size_t n)
{
    void *blocks[4][BLOCKS];
    const size_t before = zmalloc_used_memory();
    for (int i = 0; i < BLOCKS; i++) {
        require_aligned(blocks[0][i] = zmalloc(n), "zmalloc", n);
        require_aligned(blocks[1][i] = zcalloc(n), "zcalloc", n);
        require_aligned(blocks[2][i] = zrealloc(zmalloc(200), n), "zrealloc", n);
        require_aligned(blocks[3][i] = zaligned_alloc(8, n), "zaligned_alloc", n);
    }
    for (int call = 0; call < 4; call++)
        for (int i = 0; i < BLOCKS; i++)
            zfree(blocks[call][i]);
    require_total(before, "all freed");
}

static void check_info(void)
{
    size_t allocated;
    void *block = zmalloc(1000000);
    require(!zmalloc_get_allocator_info(&allocated, NULL, NULL) || allocated >= 1000000,
            "the allocator told %zu bytes, and one block has 1000000", allocated);
    zfree(block);
}

/* Most of the limit is charged: there would be room in it for much, by what glibc makes of a block.
 */
static void check_resizing_within_limit(void)
{
    const size_t limit = (size_t)64 << 20, charged = (size_t)113 << 19;
    uint64_t random = 1;
    void *block = zmalloc(100);
    require(zmalloc_charge(charged) == 0, "no limit, and refused");
    zmalloc_set_hard_limit(limit);
    for (int i = 0; i < 20000; i++) {
        size_t largest = (size_t)16 << next_random(&random) % 20;
        size_t n = (size_t)(next_random(&random) >> 20) % largest + 1;
        void *moved = ztryrealloc(block, n);
        block = moved ? moved : block;
        require(zmalloc_used_memory() <= limit, "%zu bytes took the total to %zu of %zu", n,
                zmalloc_used_memory(), limit);
    }
    zmalloc_set_hard_limit(0);
    zmalloc_discharge(charged);
    zfree(block);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        require_preloaded(argv[1]);
    for (size_t n = 0; n <= 128; n++)
        check_size(n);
    check_info();
    check_resizing_within_limit();
    volatile size_t too_much = PTRDIFF_MAX; /* the compiler would warn */
    require(!ztrymalloc(too_much + 1) && !ztrymalloc(too_much * 2 + 1), "too much was given");
    return 0;
}
