/* The public calls that are made of those in zmalloc.c: strings, arrays, and those that also store
 * the usable size. */
#include <string.h>

#include "backend.h"
#include "request.h"
#include "sample.h"
#include "zmalloc.h"

static char *copy_of(const char *string, void *(*allocate)(size_t n))
{
    size_t n = strlen(string) + 1;
    char *copy = allocate(n);
    return copy ? memcpy(copy, string, n) : NULL;
}

char *zstrdup(const char *string)
{
    return copy_of(string, zmalloc);
}

char *ztrystrdup(const char *string)
{
    return copy_of(string, ztrymalloc);
}

void *zreallocarray(void *block, size_t num, size_t n)
{
    return zrealloc(block, zm_saturating_mul(num, n));
}

void *ztryreallocarray(void *block, size_t num, size_t n)
{
    return ztryrealloc(block, zm_saturating_mul(num, n));
}

/* ---- Blocks with their usable size ---- */

static void set_usable(size_t *usable, size_t size)
{
    if (usable)
        *usable = size;
}

/* Hides from the compiler where the block came from. With link-time optimization _FORTIFY_SOURCE
 * would otherwise hold the caller to the n that malloc was asked for. */
static void *hide_origin(void *block)
{
    void *volatile known = block;
    return known;
}

/* `block` was allocated for n bytes, or is NULL. */
static void *store_usable(void *block, size_t n, size_t *usable)
{
    block = hide_origin(block);
    const struct zm_backend_vtable *backend = zm_active();
    if (block && backend->fresh_block_size && !zm_may_be_sample(block))
        set_usable(usable, backend->fresh_block_size(block, 1, zm_request_size(n)));
    else
        set_usable(usable, zmalloc_usable(block));
    return block;
}

/* `block` was resized, or is NULL. */
static void *store_usable_resized(void *block, size_t *usable)
{
    block = hide_origin(block);
    set_usable(usable, zmalloc_usable(block));
    return block;
}

/* A handler may leave by longjmp: 0 is stored before it can run. */

void *zmalloc_at_least(size_t n, size_t *usable)
{
    set_usable(usable, 0);
    return store_usable(zmalloc(n), n, usable);
}

void *ztrymalloc_at_least(size_t n, size_t *usable)
{
    return store_usable(ztrymalloc(n), n, usable);
}

void *zcalloc_at_least(size_t n, size_t *usable)
{
    set_usable(usable, 0);
    return store_usable(zcalloc(n), n, usable);
}

void *ztrycalloc_at_least(size_t n, size_t *usable)
{
    return store_usable(ztrycalloc(n), n, usable);
}

void *zrealloc_at_least(void *block, size_t n, size_t *usable)
{
    set_usable(usable, 0);
    return store_usable_resized(zrealloc(block, n), usable);
}

void *ztryrealloc_at_least(void *block, size_t n, size_t *usable)
{
    return store_usable_resized(ztryrealloc(block, n), usable);
}
