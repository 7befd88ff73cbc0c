/* The allocator's own calls: a C library that can tell a block's size. */
#include <malloc.h>
#include <stdlib.h>

#define raw_malloc malloc
#define raw_realloc realloc
#define raw_free free
#define raw_size malloc_usable_size
