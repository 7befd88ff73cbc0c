/* Stands in for FreeBSD's <malloc_np.h>, whose malloc_usable_size takes a pointer to const. */
#ifndef FAKE_MALLOC_NP_H
#define FAKE_MALLOC_NP_H

#include <stddef.h>

size_t malloc_usable_size(const void *block);

#endif
