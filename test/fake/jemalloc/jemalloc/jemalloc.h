/* Stands in for <jemalloc/jemalloc.h> of a jemalloc with prefixed names. The library that is loaded
 * may be of another version than the header. */
#ifndef FAKE_JEMALLOC_H
#define FAKE_JEMALLOC_H

#include <stddef.h>

#define JEMALLOC_VERSION "1.2.3-0-gdef"
#define JEMALLOC_VERSION_MAJOR 1
#define JEMALLOC_VERSION_MINOR 2
#define JEMALLOC_VERSION_BUGFIX 3

#define MALLOCX_LG_ALIGN(lg_align) (lg_align)
/* The align argument is a power of two. */
#define MALLOCX_ALIGN(align) __builtin_ctzll(align)
#define MALLOCX_ZERO 0x40
#define MALLOCX_TCACHE_NONE 0x100

void *je_malloc(size_t size);
void *je_mallocx(size_t size, int flags);
void *je_rallocx(void *block, size_t size, int flags);
void je_dallocx(void *block, int flags);
void je_sdallocx(void *block, size_t size, int flags);
size_t je_sallocx(const void *block, int flags);
size_t je_nallocx(size_t size, int flags);
void je_malloc_stats_print(void (*write)(void *context, const char *text), void *context,
                           const char *options);
int je_mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length);

#endif
