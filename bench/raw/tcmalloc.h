/* The allocator's own calls, each as a program would call them: gperftools' tcmalloc. */
#include <gperftools/tcmalloc.h>

static inline void *raw_malloc(size_t n)
{
    return tc_malloc(n);
}

static inline void *raw_realloc(void *p, size_t n)
{
    return tc_realloc(p, n);
}

static inline void raw_free(void *p)
{
    tc_free(p);
}

static inline size_t raw_size(void *p)
{
    return tc_malloc_size(p);
}
