/* The classic way where the allocator cannot tell a block's size: a word in front of it does. */
#include "classic_count.h"
#include BENCH_RAW_HEADER

#define PREFIX sizeof(size_t)

static void *block_in(size_t *base, size_t n)
{
    or_abort(base);
    *base = n;
    add(n + PREFIX);
    return base + 1;
}

void *classic_malloc(size_t n)
{
    return block_in(n < SIZE_MAX / 2 ? raw_malloc(n + PREFIX) : NULL, n);
}

void *classic_realloc(void *p, size_t n)
{
    if (!p)
        return classic_malloc(n);
    size_t *base = (size_t *)p - 1;
    size_t before = *base;
    base = (size_t *)raw_realloc(base, n + PREFIX);
    subtract(before + PREFIX);
    return block_in(base, n);
}

void classic_free(void *p)
{
    if (!p)
        return;
    size_t *base = (size_t *)p - 1;
    subtract(*base + PREFIX);
    raw_free(base);
}
