#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct raw_jemalloc raw_jemalloc;

__attribute__((constructor)) static void find_all(void)
{
    static const char *const names[] = {"malloc", "realloc", "free", "malloc_usable_size"};
    void *library = dlopen("libjemalloc.so.2", RTLD_LAZY | RTLD_NOLOAD), *found[4];
    for (int i = 0; i < 4; i++) {
        found[i] = library ? dlsym(library, names[i]) : NULL;
        if (!found[i]) {
            fprintf(stderr, "bench: no %s in libjemalloc.so.2: link a shared jemalloc\n", names[i]);
            exit(1);
        }
    }
    memcpy(&raw_jemalloc, found, sizeof raw_jemalloc);
}
