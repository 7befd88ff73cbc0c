/* The allocator's own calls: gperftools' tcmalloc. */
#include <gperftools/tcmalloc.h>

#define raw_malloc tc_malloc
#define raw_realloc tc_realloc
#define raw_free tc_free
#define raw_size tc_malloc_size
