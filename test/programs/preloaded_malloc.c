/* The library on the process's malloc, which a preload or the program may bring. Rules: every block
 * is aligned for any object; the total is exact; what the allocator says of itself is not told, or
 * true.
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

int main(int argc, char **argv)
{
    if (argc > 1)
        require_preloaded(argv[1]);
    for (size_t n = 0; n <= 128; n++)
        check_size(n);
    check_info();
    volatile size_t too_much = PTRDIFF_MAX; /* the compiler would warn */
    require(!ztrymalloc(too_much + 1) && !ztrymalloc(too_much * 2 + 1), "too much was given");
    return 0;
}
