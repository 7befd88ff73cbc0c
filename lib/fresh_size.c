#include "fresh_size.h"

ZM_ATOMIC(uint16_t) zm_fresh_sizes[ZM_SMALL_MAX / sizeof(long)];

size_t zm_ask_fresh_size(void *block, size_t request)
{
    size_t size = zm_backend.block_size(block);
    if (zm_backend.fresh_size && request <= ZM_SMALL_MAX && size <= UINT16_MAX
        && zm_backend.fresh_size(request) == size)
        zm_store(&zm_fresh_sizes[(request - 1) / sizeof(long)], (uint16_t)size);
    return size;
}
