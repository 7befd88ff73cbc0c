/* Where the fast path is closed for samples alone, blocks that are none pass as quickly: see
 * ZM_SAMPLED_MAX in fast_path.h. */
#ifndef ZM_SAMPLE_GATE_H
#define ZM_SAMPLE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "backend.h"
#include "compiler.h"
#include "counter.h"
#include "fast_path.h"
#include "sample.h"
#include "size_cache.h"

/* What will be charged, or nearly; more than any sample is away where the cache does not know it
 * yet. */
static ZM_ALWAYS_INLINE size_t zm_likely_charge(size_t above_min)
{
    size_t request = above_min + zm_backend.min_request;
    if (zm_backend.good_size)
        return zm_load(&zm_size_cache[above_min / sizeof(long)]);
    return zm_round_to_long(zm_backend.likely_size ? zm_backend.likely_size(request)
                                                   : request + zm_backend.header);
}

/* For a request of above_min + min_request bytes that zm_fast_limit has sent to the slow path:
 * false where it is to go there. */
static ZM_ALWAYS_INLINE bool zm_passes_sampling(size_t above_min)
{
    return above_min <= ZM_SAMPLED_MAX && zm_sample_passes(zm_likely_charge(above_min));
}

#endif
