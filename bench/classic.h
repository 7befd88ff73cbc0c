/* The accounting of the classic zmalloc, written from its description: each side asks the allocator
 * for the block's size (or keeps it in a header, where the allocator cannot tell) and adds it to,
 * or takes it from, one atomic counter that all threads share. */
#ifndef BENCH_CLASSIC_H
#define BENCH_CLASSIC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *classic_malloc(size_t n);
void *classic_realloc(void *p, size_t n);
void classic_free(void *p);
size_t classic_used_memory(void);

#ifdef __cplusplus
}
#endif
#endif
