/* The allocator's own calls: jemalloc. `malloc` is the C library's in these programs; jemalloc's
 * own, which has a fast path that mallocx lacks, is looked up at load. A call through these
 * pointers is one instruction, as a call of a function is with -fno-plt. */
#include <stddef.h>

struct raw_jemalloc {
    void *(*malloc)(size_t n);
    void *(*realloc)(void *p, size_t n);
    void (*free)(void *p);
    size_t (*malloc_usable_size)(void *p);
};
extern struct raw_jemalloc raw_jemalloc __attribute__((visibility("hidden")));

#define raw_malloc raw_jemalloc.malloc
#define raw_realloc raw_jemalloc.realloc
#define raw_free raw_jemalloc.free
#define raw_size raw_jemalloc.malloc_usable_size
