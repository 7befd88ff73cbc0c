/* The classic way where the allocator can tell a block's size. */
#include "classic_count.h"
#include BENCH_RAW_HEADER

void *classic_malloc(size_t n)
{
    void *p = or_abort(n < SIZE_MAX / 2 ? raw_malloc(n) : NULL);
    add(raw_size(p));
    return p;
}

void *classic_realloc(void *p, size_t n)
{
    if (!p)
        return classic_malloc(n);
    size_t before = raw_size(p);
    p = or_abort(raw_realloc(p, n));
    subtract(before);
    add(raw_size(p));
    return p;
}

void classic_free(void *p)
{
    if (!p)
        return;
    subtract(raw_size(p));
    raw_free(p);
}
