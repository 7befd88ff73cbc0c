/* The allocator's own calls: jemalloc. `malloc` is the C library's in these programs; jemalloc's
 * own, which has a fast path that mallocx lacks, is looked up at load. A call through these
 * pointers is one instruction, as a call of a function is with -fno-plt. */
#include <stddef.h>

extern struct raw_jemalloc {
    void *(*malloc)(size_t n);
    void *(*realloc)(void *p, size_t n);
    void (*free)(void *p);
    size_t (*malloc_usable_size)(void *p);
} raw_jemalloc __attribute__((visibility("hidden")));
