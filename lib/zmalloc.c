/* The public allocation calls. Sizes are validated by request.h, failed on purpose by fault.h,
 * charged by counter.h; the backend does the rest. Calls made of these are in derived.c.
 *
 * Freeing discharges first: once the block is free, another thread may get and charge it, and the
 * total would count it twice. */
#include "zmalloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "backend.h"
#include "compiler.h"
#include "counter.h"
#include "fault.h"
#include "limit.h"
#include "oom.h"
#include "request.h"
#include "size_cache.h"
#include "slow_path.h"

/* The backend's file, by its row in backends/list.txt. Compiled in one unit with its only hot
 * caller, so that the compiler sees through the constant table: an entry is a direct call, and a
 * small one no call at all. */
#include ZM_BACKEND_SOURCE

/* ---- Charging a fresh block ----
 *
 * Each function charges the block and returns it. What is rare is a tail call of another function,
 * so that the common path saves one register and needs no frame. */

static ZM_ALWAYS_INLINE void *charge_block(void *block, size_t rounded_size, zm_failure *fail)
{
    return ZM_LIKELY(zm_try_add(rounded_size)) ? block : zm_charge_slow(block, rounded_size, fail);
}

/* For the first block of its size class: the cache knows no charge yet. */
ZM_NOINLINE static void *charge_uncached(void *block, size_t entry, zm_failure *fail)
{
    return zm_charge_by_query(block, entry * sizeof(long) + zm_backend.min_request, fail);
}

/* For a request of above_min + min_request bytes; above_min < zm_fast_limit. */
static ZM_ALWAYS_INLINE void *charge_new(void *block, size_t above_min, zm_failure *fail)
{
    if (zm_backend.header)
        return charge_block(
            block, zm_round_to_long(above_min + zm_backend.min_request + zm_backend.header), fail);
    if (!zm_backend.good_size) {
        ZM_HIDE_VAR(block);
        return charge_block(block, zm_round_to_long(zm_backend.block_size(block)), fail);
    }
    size_t entry = above_min / sizeof(long);
    size_t cached_charge = zm_load(&zm_size_cache[entry]);
    return ZM_LIKELY(cached_charge) ? charge_block(block, cached_charge, fail)
                                    : charge_uncached(block, entry, fail);
}

/* ---- Fresh blocks ---- */

ZM_ATOMIC(size_t) zm_fast_limit;

/* Set by the constructor, where the process's malloc aligns every block. */
static ZM_ATOMIC(int) fast_path_works;

static size_t choose_fast_limit(void)
{
    if (!zm_load_acquire(&fast_path_works) || zm_load_acquire(&zm_fault_rule_set))
        return 0;
    size_t most = zm_backend.good_size ? ZM_SIZE_CACHE_MAX : PTRDIFF_MAX;
    size_t limit = most - zm_backend.min_request + 1, bound = zm_limit_fast_path();
    return limit < bound ? limit : bound;
}

/* Any thread may call it at any time: the last to write finds what it did not know of before. */
void zm_update_fast_limit(void)
{
    size_t chosen;
    do {
        chosen = choose_fast_limit();
        zm_exchange(&zm_fast_limit, chosen);
    } while (chosen != choose_fast_limit());
}

ZM_CONSTRUCTOR static void open_fast_path(void)
{
    if (zm_backend.is_process_malloc) {
        if (!zm_malloc_is_aligned())
            return;
        zm_store(&zm_request_multiple, 1);
    }
    zm_store_release(&fast_path_works, 1);
    zm_update_fast_limit();
}

/* The allocator had no block of above_min + min_request bytes. */
ZM_COLD static void *allocation_failed(size_t above_min, zm_failure *fail)
{
    return fail(above_min + zm_backend.min_request);
}

/* Allocates n bytes, charged; calls `fail` on failure. One comparison finds all requests that need
 * something special, see zm_fast_limit in fault.h: for an n below min_request `above_min` wraps,
 * and is above any limit. Over the backend's call only one value is kept, to save a register: n
 * where the backend writes it into a header, else `above_min`. */
static ZM_ALWAYS_INLINE void *allocate(zm_allocate_function *allocate_block, size_t n,
                                       zm_failure *fail)
{
    size_t above_min = n - zm_backend.min_request;
    if (ZM_UNLIKELY(zm_needs_slow_path(above_min)))
        return zm_allocate_slow(allocate_block, n, fail);
    void *block = allocate_block(n);
    if (ZM_UNLIKELY(!block))
        return zm_backend.header ? fail(n) : allocation_failed(above_min, fail);
    return charge_new(block, above_min, fail);
}

static void *no_memory(size_t n)
{
    (void)n;
    return zm_no_memory();
}

static bool is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static void *allocate_aligned(size_t align, size_t n, zm_failure *fail)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    if (align <= zm_backend.alignment)
        return zm_allocate_slow(zm_backend.malloc, n, fail);
    return zm_allocate_aligned(align, n, fail);
}

void *zmalloc(size_t n)
{
    return allocate(zm_backend.malloc, n, zm_out_of_memory);
}

void *ztrymalloc(size_t n)
{
    return allocate(zm_backend.malloc, n, no_memory);
}

void *zcalloc(size_t n)
{
    return allocate(zm_backend.zalloc, n, zm_out_of_memory);
}

void *zcalloc_num(size_t num, size_t n)
{
    return allocate(zm_backend.zalloc, zm_saturating_mul(num, n), zm_out_of_memory);
}

void *ztrycalloc_num(size_t num, size_t n)
{
    return allocate(zm_backend.zalloc, zm_saturating_mul(num, n), no_memory);
}

void *ztrycalloc(size_t n)
{
    return allocate(zm_backend.zalloc, n, no_memory);
}

void *zmalloc_no_tcache(size_t n)
{
    return allocate(zm_backend.malloc_no_tcache, n, zm_out_of_memory);
}

void *zaligned_alloc(size_t align, size_t n)
{
    return allocate_aligned(align, n, zm_out_of_memory);
}

void *ztryaligned_alloc(size_t align, size_t n)
{
    return allocate_aligned(align, n, no_memory);
}

/* ---- Freeing ---- */

static ZM_ALWAYS_INLINE void release(void *block, size_t size)
{
    if (ZM_LIKELY(zm_try_subtract(zm_round_to_long(size))))
        zm_backend.free_sized(block, size);
    else
        zm_release_slow(block, size);
}

static ZM_ALWAYS_INLINE void release_by_query(void *block)
{
    release(block, zm_backend.block_size(block));
}

void zfree(void *block)
{
    if (zm_backend.null_ok || ZM_LIKELY(block))
        release_by_query(block);
}

void zfree_with_size(void *block, size_t usable)
{
    /* An aligned block of libc-prefix has a longer header than others: ask it. */
    if (ZM_LIKELY(block))
        release(block, zm_backend.header ? zm_backend.block_size(block) : usable);
}

void zfree_no_tcache(void *block)
{
    if (!block)
        return;
    size_t size = zm_round_to_long(zm_backend.block_size(block));
    if (!zm_try_subtract(size))
        zm_subtract(size);
    zm_backend.free_no_tcache(block);
}

/* ---- Resizing ---- */

void *zrealloc(void *block, size_t n)
{
    if (!block)
        return zmalloc(n);
    if (n != 0)
        return zm_reallocate(block, n, zm_out_of_memory);
    release_by_query(block);
    return NULL;
}

void *ztryrealloc(void *block, size_t n)
{
    if (!block)
        return ztrymalloc(n);
    if (n != 0)
        return zm_reallocate(block, n, no_memory);
    release_by_query(block);
    return NULL;
}

/* ---- Asking about a block ---- */

size_t zmalloc_size(const void *block)
{
    void *p = (void *)(uintptr_t)block;
    /* Both say the same where there is no header. Then not block_size, by which tcmalloc may call
     * back into this library. */
    return p ? zm_round_to_long(zm_backend.header ? zm_backend.block_size(p)
                                                  : zm_backend.usable_size(p))
             : 0;
}

size_t zmalloc_usable(const void *block)
{
    return block ? zm_backend.usable_size((void *)(uintptr_t)block) : 0;
}

size_t zmalloc_usable_size(const void *block)
{
    return zmalloc_usable(block);
}
