/* The public allocation calls. Sizes are validated by request.h, failed on purpose by fault.h,
 * charged by counter.h; the backend does the rest. Calls made of these are in derived.c, and what
 * is rare in slow_path.c: here are the fast paths, which fast_path.h opens and closes. */
#include "zmalloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "backend.h"
#include "compiler.h"
#include "counter.h"
#include "fast_path.h"
#include "fault.h"
#include "keep_errno.h"
#include "limit.h"
#include "oom.h"
#include "request.h"
#include "sample_gate.h"
#include "size_cache.h"
#include "slow_path.h"

/* The backend's file, by its row in backends/list.txt. Compiled in one unit with its only hot
 * caller, so that the compiler sees through the constant table: an entry is a direct call, and a
 * small one no call at all. */
#include ZM_BACKEND_SOURCE

/* Here, as the compiler reaches in one instruction what this file defines. */
ZM_ATOMIC(size_t) zm_fast_limit;
ZM_ATOMIC(size_t) zm_free_mask;
#if ZM_ERRNO_IS_AT_OFFSET
ZM_ATOMIC(ptrdiff_t) zm_errno_offset;
#endif

/* ---- Charging a fresh block ----
 *
 * Each function charges the block and returns it. What is rare is a tail call of another function,
 * so that the common path saves one register and needs no frame. */

static ZM_ALWAYS_INLINE void *charge_block(void *block, size_t rounded_size, zm_failure *fail)
{
    return ZM_LIKELY(zm_try_add(rounded_size)) ? block : zm_charge_slow(block, rounded_size, fail);
}

/* Where the cache knows no charge yet, or that is not added quickly. */
ZM_NOINLINE static void *charge_entry(void *block, size_t entry, zm_failure *fail)
{
    size_t charge = zm_size_cache_at(entry);
    return charge ? zm_charge_slow(block, charge, fail)
                  : zm_charge_by_query(block, entry * sizeof(long) + zm_backend.min_request, fail);
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
    return ZM_LIKELY(zm_try_add(zm_load(&zm_size_cache[entry]))) ? block
                                                                 : charge_entry(block, entry, fail);
}

/* ---- Fresh blocks ---- */

/* The allocator had no block of above_min + min_request bytes. */
ZM_COLD static void *allocation_failed(size_t above_min, zm_failure *fail)
{
    return fail(above_min + zm_backend.min_request);
}

/* A request below min_request is one of min_request, and as quick where one of that would be. */
ZM_NOINLINE static void *allocate_special(enum zm_sort sort, size_t n, zm_failure *fail)
{
    if (n >= zm_backend.min_request || (zm_needs_slow_path(0) && !zm_passes_sampling(0)))
        return zm_allocate_slow(sort, n, fail);
    void *block = zm_allocate_from(&zm_backend, sort, zm_backend.min_request);
    return ZM_LIKELY(block) ? charge_new(block, 0, fail) : fail(n);
}

/* Allocates n bytes, charged; calls `fail` on failure. One comparison finds all requests that need
 * something special, see zm_fast_limit in fast_path.h: for an n below min_request `above_min`
 * wraps, and is above any limit. Over the backend's call only one value is kept, to save a
 * register: n where the backend writes it into a header, else `above_min`. */
static ZM_ALWAYS_INLINE void *allocate(enum zm_sort sort, size_t n, zm_failure *fail)
{
    size_t above_min = n - zm_backend.min_request, argument = n;
    if (!zm_backend.header && sort != ZM_ZEROED)
        ZM_KEEP_ARGUMENT(argument);
    if (ZM_UNLIKELY(zm_needs_slow_path(above_min)) && !zm_passes_sampling(above_min))
        return allocate_special(sort, n, fail);
    void *block = zm_allocate_from(&zm_backend, sort, argument);
    if (ZM_UNLIKELY(!block))
        return zm_backend.header ? fail(n) : allocation_failed(above_min, fail);
    return charge_new(block, above_min, fail);
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
        return zm_allocate_slow(ZM_PLAIN, n, fail);
    return zm_allocate_aligned(align, n, fail);
}

void *zmalloc(size_t n)
{
    return allocate(ZM_PLAIN, n, zm_out_of_memory);
}

void *ztrymalloc(size_t n)
{
    return allocate(ZM_PLAIN, n, zm_no_memory);
}

void *zcalloc(size_t n)
{
    return allocate(ZM_ZEROED, n, zm_out_of_memory);
}

void *zcalloc_num(size_t num, size_t n)
{
    return allocate(ZM_ZEROED, zm_saturating_mul(num, n), zm_out_of_memory);
}

void *ztrycalloc_num(size_t num, size_t n)
{
    return allocate(ZM_ZEROED, zm_saturating_mul(num, n), zm_no_memory);
}

void *ztrycalloc(size_t n)
{
    return allocate(ZM_ZEROED, n, zm_no_memory);
}

void *zmalloc_no_tcache(size_t n)
{
    return allocate(ZM_NO_TCACHE, n, zm_out_of_memory);
}

void *zaligned_alloc(size_t align, size_t n)
{
    return allocate_aligned(align, n, zm_out_of_memory);
}

void *ztryaligned_alloc(size_t align, size_t n)
{
    return allocate_aligned(align, n, zm_no_memory);
}

/* ---- Freeing ----
 *
 * Where the size has to be asked for, the block is discharged first: once it is free another thread
 * may get and charge it. Where freeing tells the size, the total may have such a block twice for a
 * moment, which a limit may refuse early for but is not passed by. */

/* free_sized, with errno put back. */
static ZM_ALWAYS_INLINE void give_back_keeping_errno(void *block, size_t size)
{
    uintptr_t kept = (uintptr_t)block;
    block = zm_exchange_for_errno(&kept);
    zm_backend.free_sized(block, size);
    zm_put_errno((int)kept);
}

/* The thread can subtract quickly. */
static ZM_ALWAYS_INLINE void release(void *block, size_t size)
{
    zm_subtract_quickly(zm_backend.sizes_are_rounded ? size : zm_round_to_long(size));
    if (zm_backend.keeps_errno)
        zm_backend.free_sized(block, size);
    else
        give_back_keeping_errno(block, size);
}

/* `argument` is the block too, in the register of a first argument: see ZM_KEEP_ARGUMENT. */
static ZM_ALWAYS_INLINE void release_by_query(void *block, void *argument)
{
    if (zm_backend.query_costs_errno && ZM_UNLIKELY(!zm_allocator_knows_thread)) {
        zm_free_slow(block);
        return;
    }
    size_t size = zm_backend.block_size(argument);
    if (!zm_backend.query_costs_errno && ZM_UNLIKELY(!zm_can_subtract()))
        zm_release_slow(block, size);
    else
        release(block, size);
}

static ZM_ALWAYS_INLINE void release_sizing(void *block)
{
    int saved_errno = zm_backend.keeps_errno ? 0 : zm_get_errno();
    size_t size = zm_backend.free_sizing(block);
    if (!zm_backend.keeps_errno)
        zm_put_errno(saved_errno);
    zm_discharge(size);
}

ZM_NO_STACK_PROTECTOR void zfree(void *block)
{
    void *argument = block;
    if (!zm_backend.header)
        ZM_KEEP_ARGUMENT(argument);
    if (ZM_UNLIKELY(zm_needs_slow_free(block)))
        zm_free_slow(block);
    else if (zm_backend.free_sizing)
        release_sizing(block);
    else
        release_by_query(block, argument);
}

/* What the caller may use tells what is charged only where there is no header and no block is moved
 * within its own. */
void zfree_with_size(void *block, size_t usable)
{
    if (zm_backend.header || zm_backend.free_sizing || ZM_UNLIKELY(zm_needs_slow_free(block))
        || ZM_UNLIKELY(!zm_can_subtract()))
        zfree(block);
    else
        release(block, usable);
}

void zfree_no_tcache(void *block)
{
    zm_free_no_tcache(block);
}

/* ---- Asking about a block ---- */

/* A backend that cannot always be asked tells what it can by usable_size: by block_size tcmalloc
 * may call back into this library. */
size_t zmalloc_size(const void *block)
{
    const struct zm_backend_vtable *backend = zm_active();
    void *p = (void *)(uintptr_t)block;
    size_t (*query)(void *p) =
        backend->fresh_block_size ? backend->usable_size : backend->block_size;
    return p ? zm_round_to_long(query(p)) : 0;
}

size_t zmalloc_usable(const void *block)
{
    return block ? zm_active()->usable_size((void *)(uintptr_t)block) : 0;
}

size_t zmalloc_usable_size(const void *block)
{
    return zmalloc_usable(block);
}
