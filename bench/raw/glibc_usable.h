/* The allocator's own calls, each as a program would call them: glibc. */
#include <malloc.h>
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

static inline size_t raw_size(void *p)
{
    return malloc_usable_size(p);
}
