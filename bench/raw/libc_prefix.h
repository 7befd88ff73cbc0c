/* The allocator's own calls: any C library. It cannot tell a block's size; classic_prefix.c keeps a
 * header for that. */
#include <stdlib.h>

static inline void *raw_malloc(size_t n)
{
    return malloc(n);
}

static inline void *raw_realloc(void *p, size_t n)
{
    return realloc(p, n);
}

static inline void raw_free(void *p)
{
    free(p);
}
