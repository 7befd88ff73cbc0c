/* What each allocator has for giving its free memory back to the system: one file an allocator. */
#ifndef RELEASE_H
#define RELEASE_H

#include <stdbool.h>
#include <stddef.h>

/* Asks the allocator behind the library. Called while no other thread runs; so many ran at once
 * before. False where it cannot be asked: it has no such call, or the library hides it. */
bool release_free_memory(int threads);

/* Bytes that the allocator, by its own figures, keeps free and resident all the same, because no
 * call makes it give them back. */
size_t bytes_it_keeps(void);

/* The function of that name of any library of the process, to be cast to its type, or NULL. */
typedef void any_function(void);
any_function *find_function(const char *name);

#endif
