/* A malloc of the program's own that gives the least alignment that C asks for: that of the objects
 * that fill the block, so 8 for blocks of 24, 40 and 56 bytes, as a jemalloc does whose size
 * classes are 8 bytes apart. Blocks are taken from a pool and never given twice. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <malloc.h>

enum { QUANTUM = 8 };

static _Alignas(max_align_t) char pool[32 << 20];
static size_t taken;

/* The block's size stands in front of it; such a block does not lie at 0 mod 16 by chance. */
static void *take(size_t align, size_t n)
{
    size_t at = (taken + QUANTUM + align - 1) / align * align;
    if (align == QUANTUM)
        at |= QUANTUM;
    if (n > sizeof pool / 2 || at > sizeof pool / 2) {
        errno = ENOMEM;
        return NULL;
    }
    size_t usable = (n + QUANTUM - 1) / QUANTUM * QUANTUM;
    taken = at + usable;
    memcpy(pool + at - QUANTUM, &usable, sizeof usable);
    return pool + at;
}

size_t malloc_usable_size(void *block)
{
    size_t usable = 0;
    if (block)
        memcpy(&usable, (char *)block - QUANTUM, sizeof usable);
    return usable;
}

void *malloc(size_t n)
{
    return take(n != 0 && n % (2 * QUANTUM) == 0 ? 2 * QUANTUM : QUANTUM, n);
}

void *calloc(size_t num, size_t n)
{
    return n == 0 || num <= SIZE_MAX / n ? malloc(num * n) : NULL;
}

void *realloc(void *block, size_t n)
{
    void *moved = malloc(n);
    size_t before = malloc_usable_size(block);
    if (moved && block)
        memcpy(moved, block, before < n ? before : n);
    return moved;
}

int posix_memalign(void **block, size_t align, size_t n)
{
    *block = take(align, n);
    return *block ? 0 : ENOMEM;
}

void free(void *block)
{
    (void)block;
}
