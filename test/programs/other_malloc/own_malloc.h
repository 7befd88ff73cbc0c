/* A malloc of the program's own, which the C library then uses as well, in a program that has
 * own_malloc.c. */
#ifndef OWN_MALLOC_H
#define OWN_MALLOC_H

#include <stdbool.h>

bool is_own_block(const void *block);

/* How many of its blocks were freed. */
unsigned long own_frees(void);

#endif
