/* Stands in for <mimalloc.h>. The library that is loaded may be of another version. */
#ifndef FAKE_MIMALLOC_H
#define FAKE_MIMALLOC_H

#include <stddef.h>

#define MI_MALLOC_VERSION FAKE_VERSION

int mi_version(void);
typedef struct mi_heap_s {
    int unused;
} mi_heap_t;
mi_heap_t *mi_heap_main(void);
_Bool mi_heap_profile(mi_heap_t *heap, void *profiler);
_Bool mi_profile(void *profiler);
void mi_collect(_Bool force);
void mi_stats_print_out(void (*write)(const char *text, void *context), void *context);
void *mi_malloc(size_t size);
void *mi_zalloc(size_t size);
void *mi_realloc(void *block, size_t size);
void *mi_malloc_aligned(size_t size, size_t align);
void *mi_malloc_aligned_at(size_t size, size_t align, size_t offset);
void *mi_zalloc_aligned_at(size_t size, size_t align, size_t offset);
void mi_free(void *block);
size_t mi_usable_size(const void *block);
size_t mi_good_size(size_t size);

#if FAKE_TELLS
void mi_ufree(void *block, size_t *block_size);
#endif

#if MI_MALLOC_VERSION >= 218
typedef enum { mi_option_show_errors, mi_option_guarded_sample_rate } mi_option_t;
long mi_option_get(mi_option_t option);
#endif

#endif
