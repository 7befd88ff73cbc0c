#include "redis_style.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

/* On a cache line of its own. */
static _Alignas(64) atomic_size_t used;

#ifdef raw_size
#define PREFIX 0
#else
#define PREFIX sizeof(size_t)
#define raw_size(base) (*(size_t *)(base) + PREFIX)
#endif

static inline void *count(void *base, size_t n)
{
    if (!base)
        abort();
    if (PREFIX)
        *(size_t *)base = n;
    atomic_fetch_add_explicit(&used, raw_size(base), memory_order_relaxed);
    return (char *)base + PREFIX;
}

void *redis_style_malloc(size_t n)
{
    return count(n < SIZE_MAX / 2 ? raw_malloc(n + PREFIX) : NULL, n);
}

void *redis_style_realloc(void *p, size_t n)
{
    void *base = (char *)p - PREFIX;
    size_t before = raw_size(base);
    base = raw_realloc(base, n + PREFIX);
    atomic_fetch_sub_explicit(&used, before, memory_order_relaxed);
    return count(base, n);
}

void redis_style_free(void *p)
{
    if (!p)
        return;
    void *base = (char *)p - PREFIX;
    atomic_fetch_sub_explicit(&used, raw_size(base), memory_order_relaxed);
    raw_free(base);
}

size_t redis_style_used_memory(void)
{
    return atomic_load_explicit(&used, memory_order_relaxed);
}
