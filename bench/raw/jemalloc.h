/* The allocator's own calls: jemalloc. In these programs `malloc` is the C library's; jemalloc's
 * own, with its fast path, is found at load in the library that mallocx comes from. Called through
 * these words a call costs what it costs through the linker's table of a -fno-plt program. */
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct raw_jemalloc {
    void *(*malloc)(size_t n);
    void *(*realloc)(void *p, size_t n);
    void (*free)(void *p);
    size_t (*malloc_usable_size)(void *p);
};
extern struct raw_jemalloc raw_jemalloc __attribute__((visibility("hidden")));

#ifdef __cplusplus
}
#endif

static inline void *raw_malloc(size_t n)
{
    return raw_jemalloc.malloc(n);
}

static inline void *raw_realloc(void *p, size_t n)
{
    return raw_jemalloc.realloc(p, n);
}

static inline void raw_free(void *p)
{
    raw_jemalloc.free(p);
}

static inline size_t raw_size(void *p)
{
    return raw_jemalloc.malloc_usable_size(p);
}
