#include "jemalloc.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct raw_jemalloc raw_jemalloc;

/* Sets *function, a pointer to a function. */
static void find(const char *name, void *function)
{
    void *library = dlopen("libjemalloc.so.2", RTLD_LAZY | RTLD_NOLOAD);
    void *address = library ? dlsym(library, name) : NULL;
    if (!address) {
        fprintf(stderr, "bench: no %s in libjemalloc.so.2: link with a shared jemalloc\n", name);
        exit(1);
    }
    memcpy(function, &address, sizeof address);
}

__attribute__((constructor)) static void find_all(void)
{
    find("malloc", &raw_jemalloc.malloc);
    find("realloc", &raw_jemalloc.realloc);
    find("free", &raw_jemalloc.free);
    find("malloc_usable_size", &raw_jemalloc.malloc_usable_size);
}
