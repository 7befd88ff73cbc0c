#include "jemalloc.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct raw_jemalloc raw_jemalloc;

static void find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);
    Dl_info object;
    if (!address || !dladdr(address, &object) || !strstr(object.dli_fname, "jemalloc")) {
        fprintf(stderr, "bench: no %s in libjemalloc.so: link the library with a shared jemalloc\n",
                name);
        exit(1);
    }
    memcpy(function, &address, sizeof address);
}

__attribute__((constructor)) static void find_all(void)
{
    void *mallocx = dlsym(RTLD_DEFAULT, "mallocx");
    Dl_info object;
    void *library =
        mallocx && dladdr(mallocx, &object) ? dlopen(object.dli_fname, RTLD_LAZY) : NULL;
    find(library, "malloc", &raw_jemalloc.malloc);
    find(library, "realloc", &raw_jemalloc.realloc);
    find(library, "free", &raw_jemalloc.free);
    find(library, "malloc_usable_size", &raw_jemalloc.malloc_usable_size);
}
