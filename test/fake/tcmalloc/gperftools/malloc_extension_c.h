/* Stands in for <gperftools/malloc_extension_c.h>. */
#ifndef FAKE_MALLOC_EXTENSION_C_H
#define FAKE_MALLOC_EXTENSION_C_H

#include <stddef.h>

/* 1, or 0 for a property that there is not. */
int MallocExtension_GetNumericProperty(const char *property, size_t *value);

void MallocExtension_ReleaseFreeMemory(void);
void MallocExtension_GetStats(char *text, int room);

#endif
