/* The public allocation calls. All policy is here: bounds, zero sizes, out of memory, counting.
 * What remains of a request goes to the backend. */
#include "zmalloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "account.h"
#include "backend.h"
#include "compiler.h"
#include "fault.h"
#include "fresh_size.h"
#include "oom.h"
#include "request.h"

/* The backend's file, by its row in backends/list.txt. Compiled in one unit with its only hot caller,
 * so that the compiler sees through the constant table: an entry is a direct call, and a small one
 * no call at all. */
#include ZM_BACKEND_SOURCE

typedef void *allocate_function(size_t n);

/* What a call does when there is no block of n bytes: errno, perhaps the handler, and NULL. */
typedef void *failure(size_t n);

/* ---- Charging a fresh block ----
 *
 * What is rare or slow stands apart and takes the rest of the call with it, so that the common path
 * saves one register and needs no frame. */

ZM_NOINLINE ZM_NOT_NULL static void *charged_by_asking(void *block, size_t request)
{
    zm_charge(zm_ask_fresh_size(block, request));
    return block;
}

ZM_COLD ZM_NOT_NULL static void *charged_slowly(void *block, size_t rounded_size)
{
    zm_add(rounded_size);
    return block;
}

static ZM_ALWAYS_INLINE void *charged(void *block, size_t rounded_size)
{
    return ZM_LIKELY(zm_try_add(rounded_size)) ? block : charged_slowly(block, rounded_size);
}

/* For a request of above_least + min_request bytes; above_least < zm_unwatched_sizes. */
static ZM_ALWAYS_INLINE void *charged_fresh(void *block, size_t above_least)
{
    if (zm_backend.header)
        return charged(block, zm_rounded(above_least + zm_backend.min_request + zm_backend.header));
    if (!zm_backend.good_size) {
        ZM_RENEW(block);
        return charged(block, zm_rounded(zm_backend.block_size(block)));
    }
    size_t entry = above_least / sizeof(long);
    size_t known = zm_load(&zm_fresh_sizes[entry]);
    if (ZM_LIKELY(known))
        return charged(block, known);
    ZM_FORGET(entry);
    return charged_by_asking(block, entry * sizeof(long) + zm_backend.min_request);
}

/* ---- Fresh blocks ---- */

/* Any n: also one to be raised to what the backend aligns, too large, larger than the table, or to
 * be failed on purpose. */
ZM_NOINLINE static void *fresh_of_any_size(allocate_function *allocate_block, size_t n,
                                           failure *fail)
{
    size_t request = zm_raised(n);
    if (request > PTRDIFF_MAX || zm_is_to_fail(n))
        return fail(n);
    void *block = allocate_block(request);
    if (ZM_UNLIKELY(!block))
        return fail(n);
    return charged_by_asking(block, request);
}

ZM_ATOMIC(size_t) zm_unwatched_sizes;

ZM_CONSTRUCTOR static void let_sizes_pass(void)
{
    if (zm_backend.is_process_malloc) {
        if (!zm_malloc_aligns())
            return;
        zm_store(&zm_request_step, 1);
    }
    const size_t most = zm_backend.good_size ? ZM_SMALL_MAX : PTRDIFF_MAX;
    if (!zm_load(&zm_rule_was_set))
        zm_store(&zm_unwatched_sizes, most - zm_backend.min_request + 1);
}

/* A fresh block of n bytes, charged. One comparison finds requests that need nothing special. */
static ZM_ALWAYS_INLINE void *fresh(allocate_function *allocate_block, size_t n, failure *fail)
{
    /* Kept over the call instead of n, unless the header needs n itself; of the two, the compiler
     * would keep both. */
    const bool keeps_n = zm_backend.header;
    size_t above_least = n - zm_backend.min_request;
    if (!keeps_n)
        ZM_FORGET(above_least);
    if (ZM_UNLIKELY(zm_is_watched(above_least)))
        return fresh_of_any_size(allocate_block, n, fail);
    void *block = allocate_block(n);
    if (ZM_LIKELY(block))
        return charged_fresh(block, above_least);
    if (!keeps_n) {
        ZM_FORGET(above_least);
        n = above_least + zm_backend.min_request;
    }
    return fail(n);
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

static void *fresh_aligned(size_t align, size_t n, failure *fail)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    if (align <= zm_backend.alignment)
        return fresh_of_any_size(zm_backend.malloc, n, fail);
    size_t request = zm_raised(n);
    if (request > PTRDIFF_MAX || align > PTRDIFF_MAX - request || zm_is_to_fail(n))
        return fail(n);
    void *block = zm_backend.aligned_alloc(align, request);
    if (!block)
        return fail(n);
    zm_charge(zm_fresh_block_size(block, align, request));
    return block;
}

void *zmalloc(size_t n)
{
    return fresh(zm_backend.malloc, n, zm_out_of_memory);
}

void *ztrymalloc(size_t n)
{
    return fresh(zm_backend.malloc, n, no_memory);
}

void *zcalloc(size_t n)
{
    return fresh(zm_backend.zalloc, n, zm_out_of_memory);
}

void *zcalloc_num(size_t num, size_t n)
{
    return fresh(zm_backend.zalloc, zm_product(num, n), zm_out_of_memory);
}

void *ztrycalloc_num(size_t num, size_t n)
{
    return fresh(zm_backend.zalloc, zm_product(num, n), no_memory);
}

void *ztrycalloc(size_t n)
{
    return fresh(zm_backend.zalloc, n, no_memory);
}

void *zmalloc_no_tcache(size_t n)
{
    return fresh(zm_backend.malloc_no_tcache, n, zm_out_of_memory);
}

void *zaligned_alloc(size_t align, size_t n)
{
    return fresh_aligned(align, n, zm_out_of_memory);
}

void *ztryaligned_alloc(size_t align, size_t n)
{
    return fresh_aligned(align, n, no_memory);
}

/* ---- Giving back ---- */

ZM_COLD static void give_back_slowly(void *block, size_t size)
{
    zm_discharge(size);
    zm_backend.free_sized(block, size);
}

static ZM_ALWAYS_INLINE void give_back(void *block, size_t size)
{
    if (ZM_LIKELY(zm_try_subtract(zm_rounded(size))))
        zm_backend.free_sized(block, size);
    else
        give_back_slowly(block, size);
}

static ZM_ALWAYS_INLINE void give_back_after_asking(void *block)
{
    give_back(block, zm_backend.block_size(block));
}

void zfree(void *block)
{
    if (zm_backend.takes_null || ZM_LIKELY(block))
        give_back_after_asking(block);
}

void zfree_with_size(void *block, size_t usable)
{
    /* A header may hold more than its own size says (libc-prefix's aligned blocks): ask it. */
    if (ZM_LIKELY(block))
        give_back(block, zm_backend.header ? zm_backend.block_size(block) : usable);
}

void zfree_no_tcache(void *block)
{
    if (!block)
        return;
    zm_discharge(zm_backend.block_size(block));
    zm_backend.free_no_tcache(block);
}

/* ---- Resizing ---- */

/* A live block resized to n bytes, n not 0. */
static void *resized(void *block, size_t n, failure *fail)
{
    size_t request = zm_raised(n);
    if (request > PTRDIFF_MAX || zm_is_to_fail(n))
        return fail(n);
    size_t before = zm_backend.block_size(block);
    void *moved = zm_backend.realloc(block, request);
    if (!moved)
        return fail(n);
    zm_recharge(before, zm_backend.block_size(moved));
    return moved;
}

void *zrealloc(void *block, size_t n)
{
    if (!block)
        return zmalloc(n);
    if (n != 0)
        return resized(block, n, zm_out_of_memory);
    give_back_after_asking(block);
    return NULL;
}

void *ztryrealloc(void *block, size_t n)
{
    if (!block)
        return ztrymalloc(n);
    if (n != 0)
        return resized(block, n, no_memory);
    give_back_after_asking(block);
    return NULL;
}

/* ---- Asking about a block ---- */

size_t zmalloc_size(const void *block)
{
    void *p = (void *)(uintptr_t)block;
    /* The same but for a header, and usable_size can always be asked. */
    return p ? zm_rounded(zm_backend.header ? zm_backend.block_size(p) : zm_backend.usable_size(p))
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
