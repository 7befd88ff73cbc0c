/* The library brought in by dlopen. A program that uses this is not linked with it. */
#ifndef LATE_LIBRARY_H
#define LATE_LIBRARY_H

#include <dlfcn.h> /* the modes */
#include <stddef.h>

struct late_library {
    void *handle;
    void *(*zmalloc)(size_t n);
    void *(*zrealloc)(void *block, size_t n);
    void (*zfree)(void *block);
    void (*zlibc_free)(void *block);
    size_t (*zmalloc_size)(const void *block);
    size_t (*zmalloc_used_memory)(void);
    const char *(*zmalloc_lib)(void);
};

/* Opens the file that the program's first argument names, with RTLD_NOW and `mode`, and ends the
 * program if that fails.
 *
 * glibc keeps room aside for the thread-local variables of libraries that come late, about 1.6 KiB
 * unless GLIBC_TUNABLES asks for more; jemalloc as distributions build it wants 2.6 KiB. Where that
 * is what is wrong the program is started again with more room. */
struct late_library open_late(int argc, char **argv, int mode);

#endif
