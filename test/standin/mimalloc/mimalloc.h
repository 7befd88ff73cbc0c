/* Stands in for <mimalloc.h>. The library that is loaded may be of another version. */
#ifndef STANDIN_MIMALLOC_H
#define STANDIN_MIMALLOC_H

#include <stddef.h>

#define MI_MALLOC_VERSION 187

int mi_version(void);
void *mi_malloc(size_t size);
void *mi_zalloc(size_t size);
void *mi_realloc(void *block, size_t size);
void *mi_malloc_aligned(size_t size, size_t align);
void *mi_malloc_aligned_at(size_t size, size_t align, size_t offset);
void mi_free(void *block);
size_t mi_usable_size(const void *block);
size_t mi_good_size(size_t size);
void mi_process_info(size_t *elapsed, size_t *user, size_t *system, size_t *rss, size_t *peak_rss,
                     size_t *commit, size_t *peak_commit, size_t *faults);

#endif
