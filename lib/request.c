#include "request.h"

ZM_ATOMIC(size_t) zm_request_multiple = _Alignof(max_align_t);

/* C asks of malloc only the alignment of objects that fit the block, so odd multiples of half the
 * alignment are the sizes that show whether it gives more. Two blocks of each at the same time, as
 * one may be aligned by chance. */
enum { ODD_SIZES = 4, BLOCKS = 2 * ODD_SIZES };

static size_t odd_size(int i)
{
    return zm_backend.alignment / 2 * (size_t)(i / 2 * 2 + 1);
}

bool zm_malloc_is_aligned(void)
{
    void *blocks[BLOCKS];
    bool aligns = true;
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = zm_backend.malloc(odd_size(i));
        aligns = aligns && blocks[i] && (uintptr_t)blocks[i] % zm_backend.alignment == 0;
    }
    /* Not by its size: the program's malloc need not go with the C library's size query. */
    for (int i = 0; i < BLOCKS; i++)
        if (blocks[i])
            zm_backend.free_no_tcache(blocks[i]);
    return aligns;
}
