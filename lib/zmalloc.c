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
#include "oom.h"
#include "request.h"
#include "size_cache.h"

/* The backend's file, by its row in backends/list.txt. Compiled in one unit with its only hot
 * caller, so that the compiler sees through the constant table: an entry is a direct call, and a
 * small one no call at all. */
#include ZM_BACKEND_SOURCE

typedef void *allocate_function(size_t n);

/* What a call does on failure: sets errno, calls the handler or not, and returns NULL. */
typedef void *failure(size_t n);

/* ---- Charging a fresh block ----
 *
 * Each function charges the block and returns it. What is rare is a tail call of another function,
 * so that the common path saves one register and needs no frame. */

ZM_NOINLINE ZM_RETURNS_NONNULL static void *charge_by_query(void *block, size_t request)
{
    zm_charge(zm_size_cache_fill(block, request));
    return block;
}

ZM_COLD ZM_RETURNS_NONNULL static void *charge_slow(void *block, size_t rounded_size)
{
    zm_add(rounded_size);
    return block;
}

static ZM_ALWAYS_INLINE void *charge_block(void *block, size_t rounded_size)
{
    return ZM_LIKELY(zm_try_add(rounded_size)) ? block : charge_slow(block, rounded_size);
}

/* For the first block of its size class: the cache knows no charge yet. */
ZM_NOINLINE ZM_RETURNS_NONNULL static void *charge_uncached(void *block, size_t entry)
{
    return charge_by_query(block, entry * sizeof(long) + zm_backend.min_request);
}

/* For a request of above_min + min_request bytes; above_min < zm_fast_limit. */
static ZM_ALWAYS_INLINE void *charge_new(void *block, size_t above_min)
{
    if (zm_backend.header)
        return charge_block(
            block, zm_round_to_long(above_min + zm_backend.min_request + zm_backend.header));
    if (!zm_backend.good_size) {
        ZM_HIDE_VAR(block);
        return charge_block(block, zm_round_to_long(zm_backend.block_size(block)));
    }
    size_t entry = above_min / sizeof(long);
    size_t cached_charge = zm_load(&zm_size_cache[entry]);
    return ZM_LIKELY(cached_charge) ? charge_block(block, cached_charge)
                                    : charge_uncached(block, entry);
}

/* ---- Fresh blocks ---- */

/* For any n: too small for the backend, too large, larger than the size cache, or to be failed by a
 * fault rule. */
ZM_NOINLINE static void *allocate_slow(allocate_function *allocate_block, size_t n, failure *fail)
{
    size_t request = zm_request_size(n);
    if (request > PTRDIFF_MAX || zm_fault_injected(n))
        return fail(n);
    void *block = allocate_block(request);
    if (ZM_UNLIKELY(!block))
        return fail(n);
    return charge_by_query(block, request);
}

ZM_ATOMIC(size_t) zm_fast_limit;

ZM_CONSTRUCTOR static void open_fast_path(void)
{
    if (zm_backend.is_process_malloc) {
        if (!zm_malloc_is_aligned())
            return;
        zm_store(&zm_request_multiple, 1);
    }
    const size_t most = zm_backend.good_size ? ZM_SIZE_CACHE_MAX : PTRDIFF_MAX;
    if (!zm_load(&zm_fault_rule_set))
        zm_store(&zm_fast_limit, most - zm_backend.min_request + 1);
}

/* The allocator had no block of above_min + min_request bytes. */
ZM_COLD static void *allocation_failed(size_t above_min, failure *fail)
{
    return fail(above_min + zm_backend.min_request);
}

/* Allocates n bytes, charged; calls `fail` on failure. One comparison finds all requests that need
 * something special, see zm_fast_limit in fault.h: for an n below min_request `above_min` wraps,
 * and is above any limit. Over the backend's call only one value is kept, to save a register: n
 * where the backend writes it into a header, else `above_min`. */
static ZM_ALWAYS_INLINE void *allocate(allocate_function *allocate_block, size_t n, failure *fail)
{
    size_t above_min = n - zm_backend.min_request;
    if (ZM_UNLIKELY(zm_needs_slow_path(above_min)))
        return allocate_slow(allocate_block, n, fail);
    void *block = allocate_block(n);
    if (ZM_UNLIKELY(!block))
        return zm_backend.header ? fail(n) : allocation_failed(above_min, fail);
    return charge_new(block, above_min);
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

static void *allocate_aligned(size_t align, size_t n, failure *fail)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    if (align <= zm_backend.alignment)
        return allocate_slow(zm_backend.malloc, n, fail);
    size_t request = zm_request_size(n);
    if (request > PTRDIFF_MAX || align > PTRDIFF_MAX - request || zm_fault_injected(n))
        return fail(n);
    void *block = zm_backend.aligned_alloc(align, request);
    if (!block)
        return fail(n);
    zm_charge(zm_fresh_block_size(block, align, request));
    return block;
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

ZM_COLD static void release_slow(void *block, size_t size)
{
    zm_discharge(size);
    zm_backend.free_sized(block, size);
}

static ZM_ALWAYS_INLINE void release(void *block, size_t size)
{
    if (ZM_LIKELY(zm_try_subtract(zm_round_to_long(size))))
        zm_backend.free_sized(block, size);
    else
        release_slow(block, size);
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
    zm_discharge(zm_backend.block_size(block));
    zm_backend.free_no_tcache(block);
}

/* ---- Resizing ---- */

/* `block` is live, n is not 0. */
static void *reallocate(void *block, size_t n, failure *fail)
{
    size_t request = zm_request_size(n);
    if (request > PTRDIFF_MAX || zm_fault_injected(n))
        return fail(n);
    size_t before = zm_backend.block_size(block);
    void *moved = zm_backend.realloc(block, request);
    if (!moved)
        return fail(n);
    zm_adjust_charge(before, zm_backend.block_size(moved));
    return moved;
}

void *zrealloc(void *block, size_t n)
{
    if (!block)
        return zmalloc(n);
    if (n != 0)
        return reallocate(block, n, zm_out_of_memory);
    release_by_query(block);
    return NULL;
}

void *ztryrealloc(void *block, size_t n)
{
    if (!block)
        return ztrymalloc(n);
    if (n != 0)
        return reallocate(block, n, no_memory);
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
