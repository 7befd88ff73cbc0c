/* Counting as Redis's zmalloc does, written from its description: after malloc and before free the
 * allocator is asked for the block's size, which is added to, or taken from, one atomic counter of
 * all threads. Where the allocator cannot tell, a word in front of the block does. Out of memory:
 * abort(). */
#ifndef BENCH_REDIS_STYLE_H
#define BENCH_REDIS_STYLE_H

#include <stddef.h>

void *redis_style_malloc(size_t n);
void *redis_style_realloc(void *p, size_t n);
void redis_style_free(void *p);
size_t redis_style_used_memory(void);

#endif
