/* What is charged for a fresh small block, from a table instead of a question to the allocator.
 *
 * Works where a backend's fresh_size says that sizes are a function of the request. An entry is
 * filled the first time its size is asked for, from the block itself, and only if the block and
 * fresh_size agree: a debug build of an allocator, where they do not, is simply asked each time.
 * Filling on first use costs nothing at load and touches no size class the program never uses. */
#ifndef ZM_FRESH_SIZE_H
#define ZM_FRESH_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "backend.h"
#include "compiler.h"

#define ZM_SMALL_MAX 4096

/* An entry serves sizeof(long) neighbouring requests: sizes that differ by less than that are
 * charged alike. 0 means not known (yet). */
extern ZM_ATOMIC(uint16_t) zm_fresh_sizes[ZM_SMALL_MAX / sizeof(long)];

size_t zm_ask_fresh_size(void *block, size_t request);

/* `request` is what malloc or zalloc of the backend was just asked for to get `block`. */
static ZM_ALWAYS_INLINE size_t zm_fresh_size(void *block, size_t request)
{
    if (ZM_LIKELY(request <= ZM_SMALL_MAX)) {
        size_t size = zm_load(&zm_fresh_sizes[(request - 1) / sizeof(long)]);
        if (ZM_LIKELY(size))
            return size;
    }
    return zm_ask_fresh_size(block, request);
}

#endif
