#include "request.h"

ZM_ATOMIC(size_t) zm_request_multiple = _Alignof(max_align_t);

/* C asks of malloc only the alignment of objects that fit the block, so odd multiples of half the
 * alignment are the sizes that show whether it gives more: 8, 24, 40 and 56 bytes as a rule. */
enum { SIZES = 4 };

/* How many are held at the same time. In a size class that is not aligned every second block is so
 * by chance, and all those that are used again may be. A malloc that misaligns any of these sizes
 * misaligns the first as a rule. */
enum { BLOCKS_OF_THE_FIRST = 32, BLOCKS_OF_THE_OTHERS = 8 };

static size_t size_to_try(int i)
{
    size_t size = zm_backend.alignment / 2 * (size_t)(2 * i + 1);
    return size < zm_backend.min_request ? zm_backend.min_request : size;
}

static bool are_aligned(size_t size, int wanted)
{
    void *blocks[BLOCKS_OF_THE_FIRST];
    int count = 0;
    bool are = true;
    while (are && count < wanted) {
        void *block = zm_backend.malloc(size);
        are = block && (uintptr_t)block % zm_backend.alignment == 0;
        blocks[count++] = block;
    }
    /* Not by their size: the program's malloc need not go with the C library's size query. */
    while (count-- > 0)
        if (blocks[count])
            zm_backend.free_no_tcache(blocks[count]);
    return are;
}

bool zm_malloc_is_aligned(void)
{
    for (int i = 0; i < SIZES; i++)
        if (!are_aligned(size_to_try(i), i == 0 ? BLOCKS_OF_THE_FIRST : BLOCKS_OF_THE_OTHERS))
            return false;
    return true;
}
