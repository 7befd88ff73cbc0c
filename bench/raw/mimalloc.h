/* The allocator's own calls: mimalloc. */
#include <mimalloc.h>

#define raw_malloc mi_malloc
#define raw_realloc mi_realloc
#define raw_free mi_free
#define raw_size mi_usable_size
