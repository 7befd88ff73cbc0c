/* The public allocation calls. All policy is here: bounds, zero sizes, out of memory, counting.
 * What remains of a request goes to the backend. */
#include "zmalloc.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "backend.h"
#include "compiler.h"
#include "fresh_size.h"
#include "oom.h"

typedef void *allocate_function(size_t n);

/* What the backend is asked for when the caller wants n bytes. */
static ZM_ALWAYS_INLINE size_t request_for(size_t n)
{
    return n < zm_backend.min_request ? zm_backend.min_request : n;
}

/* A fresh block of n bytes, charged; NULL when there is none. */
static ZM_ALWAYS_INLINE void *fresh(allocate_function *allocate, size_t n)
{
    size_t request = request_for(n);
    if (ZM_UNLIKELY(request > PTRDIFF_MAX))
        return NULL;
    void *block = allocate(request);
    if (ZM_LIKELY(block))
        zm_charge(zm_fresh_size(block, request));
    return block;
}

static void *fresh_aligned(size_t align, size_t n)
{
    if (align <= zm_backend.alignment)
        return fresh(zm_backend.malloc, n);
    size_t request = request_for(n);
    if (request > PTRDIFF_MAX || align > PTRDIFF_MAX - request)
        return NULL;
    void *block = zm_backend.aligned_alloc(align, request);
    if (block)
        zm_charge(zm_backend.block_size(block));
    return block;
}

/* A live block resized to n bytes, n not 0; NULL when that fails. */
static void *resized(void *block, size_t n)
{
    size_t request = request_for(n);
    if (request > PTRDIFF_MAX)
        return NULL;
    size_t before = zm_backend.block_size(block);
    void *moved = zm_backend.realloc(block, request);
    if (moved)
        zm_recharge(before, zm_backend.block_size(moved));
    return moved;
}

/* num * n, or SIZE_MAX, which no backend is ever asked for, where that does not fit. */
static size_t product(size_t num, size_t n)
{
    return n != 0 && num > SIZE_MAX / n ? SIZE_MAX : num * n;
}

static int is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static ZM_ALWAYS_INLINE void *or_handler(void *block, size_t n)
{
    return ZM_LIKELY(block) ? block : zm_out_of_memory(n);
}

static ZM_ALWAYS_INLINE void *or_errno(void *block)
{
    return ZM_LIKELY(block) ? block : zm_no_memory();
}

/* Stores the usable size, and makes the compiler forget what it knows of the block's: inlined into
 * a caller it could otherwise hold the caller to the n that the allocator was asked for. */
static void *with_usable(void *block, size_t *usable)
{
    *usable = zmalloc_usable(block);
    void *volatile forgotten = block;
    return forgotten;
}

void *zmalloc(size_t n)
{
    return or_handler(fresh(zm_backend.malloc, n), n);
}

void *ztrymalloc(size_t n)
{
    return or_errno(fresh(zm_backend.malloc, n));
}

void *zcalloc_num(size_t num, size_t n)
{
    size_t total = product(num, n);
    return or_handler(fresh(zm_backend.zalloc, total), total);
}

void *ztrycalloc_num(size_t num, size_t n)
{
    return or_errno(fresh(zm_backend.zalloc, product(num, n)));
}

void *ztrycalloc(size_t n)
{
    return or_errno(fresh(zm_backend.zalloc, n));
}

void *zmalloc_at_least(size_t n, size_t *usable)
{
    *usable = 0;
    return with_usable(or_handler(fresh(zm_backend.malloc, n), n), usable);
}

void *ztrymalloc_at_least(size_t n, size_t *usable)
{
    return with_usable(or_errno(fresh(zm_backend.malloc, n)), usable);
}

void *zcalloc_at_least(size_t n, size_t *usable)
{
    *usable = 0;
    return with_usable(or_handler(fresh(zm_backend.zalloc, n), n), usable);
}

void *ztrycalloc_at_least(size_t n, size_t *usable)
{
    return with_usable(or_errno(fresh(zm_backend.zalloc, n)), usable);
}

void *zmalloc_no_tcache(size_t n)
{
    return or_handler(fresh(zm_backend.malloc_no_tcache, n), n);
}

void *zaligned_alloc(size_t align, size_t n)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return or_handler(fresh_aligned(align, n), n);
}

void *ztryaligned_alloc(size_t align, size_t n)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return or_errno(fresh_aligned(align, n));
}

static ZM_ALWAYS_INLINE void release(void *block, size_t size)
{
    zm_discharge(size);
    zm_backend.free_sized(block, size);
}

void zfree(void *block)
{
    if (ZM_LIKELY(block))
        release(block, zm_backend.block_size(block));
}

void zfree_with_size(void *block, size_t usable)
{
    /* A header may hold more than its own size says (libc-prefix's aligned blocks): ask it. */
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

void zlibc_free(void *block)
{
    free(block);
}

void *zrealloc(void *block, size_t n)
{
    if (!block)
        return zmalloc(n);
    if (n == 0) {
        zfree(block);
        return NULL;
    }
    return or_handler(resized(block, n), n);
}

void *ztryrealloc(void *block, size_t n)
{
    if (!block)
        return ztrymalloc(n);
    if (n == 0) {
        zfree(block);
        return NULL;
    }
    return or_errno(resized(block, n));
}

void *zrealloc_at_least(void *block, size_t n, size_t *usable)
{
    *usable = 0;
    return with_usable(zrealloc(block, n), usable);
}

void *ztryrealloc_at_least(void *block, size_t n, size_t *usable)
{
    return with_usable(ztryrealloc(block, n), usable);
}

char *zstrdup(const char *string)
{
    size_t n = strlen(string) + 1;
    char *copy = zmalloc(n);
    return copy ? memcpy(copy, string, n) : NULL;
}

size_t zmalloc_size(const void *block)
{
    return block ? zm_rounded(zm_backend.block_size((void *)(uintptr_t)block)) : 0;
}

size_t zmalloc_usable(const void *block)
{
    return block ? zm_backend.usable_size((void *)(uintptr_t)block) : 0;
}
