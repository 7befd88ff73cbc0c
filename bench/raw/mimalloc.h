/* The allocator's own calls, each as a program would call them: mimalloc. */
#include <mimalloc.h>

static inline void *raw_malloc(size_t n)
{
    return mi_malloc(n);
}

static inline void *raw_realloc(void *p, size_t n)
{
    return mi_realloc(p, n);
}

static inline void raw_free(void *p)
{
    mi_free(p);
}

static inline size_t raw_size(void *p)
{
    return mi_usable_size(p);
}
