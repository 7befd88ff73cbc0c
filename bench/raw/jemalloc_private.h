/* The allocator's own calls: jemalloc, a private copy. */
#include <jemalloc/jemalloc.h>

#define raw_malloc je_malloc
#define raw_realloc je_realloc
#define raw_free je_free
#define raw_size je_malloc_usable_size
