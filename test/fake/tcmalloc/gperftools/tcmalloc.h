/* Stands in for <gperftools/tcmalloc.h>. The library that is loaded may be of another version. */
#ifndef FAKE_TCMALLOC_H
#define FAKE_TCMALLOC_H

#include <stddef.h>

#define TC_VERSION_MAJOR 2
#define TC_VERSION_MINOR 6
#define TC_VERSION_PATCH ".3"
#define TC_VERSION_STRING "gperftools 2.6.3"

const char *tc_version(int *major, int *minor, const char **patch);
void *tc_malloc(size_t size);
void *tc_calloc(size_t count, size_t size);
void *tc_realloc(void *block, size_t size);
void *tc_memalign(size_t align, size_t size);
void tc_free(void *block);
size_t tc_free_sizing(void *block);
void tc_free_sized(void *block, size_t size);
size_t tc_malloc_size(void *block);

#endif
