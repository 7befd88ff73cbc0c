#include "fresh_size.h"

#include "account.h"

ZM_ATOMIC(uint16_t) zm_fresh_sizes[ZM_SMALL_MAX / sizeof(long) + 1];

size_t zm_ask_fresh_size(void *block, size_t request)
{
    size_t size = zm_backend.block_size(block);
    size_t rounded = zm_rounded(size);
    if (zm_backend.good_size && request <= ZM_SMALL_MAX && rounded <= UINT16_MAX
        && zm_backend.good_size(request) == size)
        zm_store(&zm_fresh_sizes[(request - zm_backend.min_request) / sizeof(long)],
                 (uint16_t)rounded);
    return size;
}
