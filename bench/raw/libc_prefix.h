/* The allocator's own calls: any C library. No raw_size: redis_style.c keeps the size in front of
 * the block. */
#include <stdlib.h>

#define raw_malloc malloc
#define raw_realloc realloc
#define raw_free free
