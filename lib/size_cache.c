#include "size_cache.h"

#include <stdbool.h>

#include "counter.h"
#include "request.h"
#include "zmalloc.h"

ZM_ATOMIC(uint32_t) zm_size_cache[ZM_SIZE_CACHE_MAX / sizeof(long) + 1];

void zm_size_cache_clear(void)
{
    for (size_t i = 0; i < sizeof zm_size_cache / sizeof *zm_size_cache; i++)
        if (zm_load(&zm_size_cache[i]) == 0)
            zm_store(&zm_size_cache[i], ZM_NEVER_QUICK);
}

size_t zm_size_cache_fill(void *block, size_t request)
{
    size_t size = zm_fresh_block_size(block, 1, request);
    size_t rounded = zm_round_to_long(size);
    if (zm_backend.good_size && request <= ZM_SIZE_CACHE_MAX && rounded < ZM_NEVER_QUICK
        && zm_backend.good_size(request) == size)
        zm_store(&zm_size_cache[(request - zm_backend.min_request) / sizeof(long)],
                 (uint32_t)rounded);
    return size;
}

size_t zm_size_cache_look_up(void *block, size_t request)
{
    size_t known = zm_backend.good_size && request <= ZM_SIZE_CACHE_MAX
                       ? zm_size_cache_at((request - zm_backend.min_request) / sizeof(long))
                       : 0;
    return known ? known : zm_size_cache_fill(block, request);
}

size_t zm_size_cache_guess(size_t request)
{
    const struct zm_backend_vtable *backend = zm_active();
    if (backend->header)
        return zm_round_to_long(request + backend->header);
    size_t known = zm_backend.good_size && request <= ZM_SIZE_CACHE_MAX
                       ? zm_size_cache_at((request - zm_backend.min_request) / sizeof(long))
                       : 0;
    if (known)
        return known;
    size_t predicted =
        backend->likely_size ? backend->likely_size(request) : zm_predict_size(request);
    return zm_round_to_long(predicted ? predicted : request);
}

static ZM_ATOMIC(int) sizes_are_unpredictable;

/* An allocator that pads or moves blocks does so with the smallest, too: one block tells. */
static bool sizes_are_predictable(void)
{
    if (!zm_backend.good_size)
        return false;
    if (zm_size_cache_at(0))
        return true;
    if (zm_load(&sizes_are_unpredictable))
        return false;
    void *block = zm_backend.malloc(zm_backend.min_request);
    if (!block)
        return false;
    zm_backend.free_sized(block, zm_size_cache_fill(block, zm_backend.min_request));
    bool are_predictable = zm_size_cache_at(0);
    zm_store(&sizes_are_unpredictable, !are_predictable);
    return are_predictable;
}

size_t zm_predict_size(size_t request)
{
    return request <= PTRDIFF_MAX && sizes_are_predictable() ? zm_backend.good_size(request) : 0;
}

size_t zmalloc_good_size(size_t n)
{
    size_t request = zm_request_size(n);
    if (zm_active()->header)
        return request;
    size_t size = zm_predict_size(request);
    return size ? size : n;
}
