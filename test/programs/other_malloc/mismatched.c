/* A malloc that does not go with malloc_usable_size and posix_memalign, as the program has
 * own_malloc.c. Rules: every block is of that malloc, aligned, and has room for what was asked for;
 * its free gets each block once, and errno stays; the total is exact. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "own_malloc.h"
#include "total.h"

enum { BLOCKS = 9, SIZES = 2000 };

static void require_own(void *block, size_t n, size_t align)
{
    require(block && is_own_block(block), "%zu bytes at %p are not of the program's malloc", n,
            block);
    require((uintptr_t)block % align == 0, "%zu bytes at %p, aligned to %zu", n, block, align);
    require(zmalloc_usable(block) >= n, "%zu bytes are usable of %zu", zmalloc_usable(block), n);
    memset(block, 0xA5, zmalloc_usable(block));
}

/* Returns how much is charged for them. */
static size_t fill(void **blocks, size_t n)
{
    const size_t any = _Alignof(max_align_t);
    size_t charged = 0, usable, align = (size_t)32 << n % 5;
    require_own(blocks[0] = zmalloc(n), n, any);
    require_own(blocks[1] = zcalloc(n), n, any);
    require_own(blocks[2] = zrealloc(zmalloc(n / 2), n), n, any);
    require_own(blocks[3] = zmalloc_no_tcache(n), n, any);
    require_own(blocks[4] = zaligned_alloc(align, n), n, align);
    require_own(blocks[5] = zrealloc(zaligned_alloc(align, n / 2), n), n, any);
    require_own(blocks[6] = zmalloc_at_least(n, &usable), n, any);
    require_own(blocks[7] = zaligned_alloc(4096, n), n, 4096);
    require_own(blocks[8] = zrealloc_at_least(NULL, n, &usable), n, any);
    for (int i = 0; i < BLOCKS; i++)
        charged += zmalloc_size(blocks[i]);
    return charged;
}

static void release(void **blocks)
{
    zfree(blocks[0]);
    zfree_with_size(blocks[1], zmalloc_usable(blocks[1]));
    zfree_no_tcache(blocks[2]);
    zfree(zrealloc(blocks[3], 0));
    zfree_with_size(blocks[4], zmalloc_usable(blocks[4]));
    for (int i = 5; i < BLOCKS; i++)
        zfree(blocks[i]);
}

int main(void)
{
    void *(*volatile taken)(size_t) = malloc; /* as programs do that pass it on */
    require(is_own_block(taken(1)), "malloc is not the program's");
    void *kept = zmalloc(100);
    const size_t before = zmalloc_used_memory();
    for (size_t n = 1; n < SIZES; n += 1 + n / 8) {
        void *blocks[BLOCKS];
        size_t charged = fill(blocks, n);
        require_total(before + charged, "filled");
        unsigned long frees = own_frees();
        errno = EDOM;
        release(blocks);
        require(errno == EDOM, "errno is %d", errno);
        require(own_frees() == frees + BLOCKS, "free got %lu blocks of %d", own_frees() - frees,
                BLOCKS);
        require_total(before, "all freed");
    }
    zfree(kept);
    return 0;
}
