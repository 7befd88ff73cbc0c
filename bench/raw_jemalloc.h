/* The allocator's own calls: jemalloc. `malloc` is the C library's in these programs; jemalloc's
 * own, which has a fast path that mallocx lacks, is looked up at load. A call through these
 * pointers is one instruction, as a call of a function is with -fno-plt. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    void *(*malloc)(size_t n);
    void *(*realloc)(void *p, size_t n);
    void (*free)(void *p);
    size_t (*malloc_usable_size)(void *p);
} raw_jemalloc;

__attribute__((constructor)) static void find_raw_jemalloc(void)
{
    static const char *const names[] = {"malloc", "realloc", "free", "malloc_usable_size"};
    void *library = dlopen("libjemalloc.so.2", RTLD_LAZY | RTLD_NOLOAD), *found[4];
    for (int i = 0; i < 4; i++)
        if (!library || !(found[i] = dlsym(library, names[i]))) {
            fprintf(stderr, "bench: no %s in libjemalloc.so.2: link a shared jemalloc\n", names[i]);
            exit(1);
        }
    memcpy(&raw_jemalloc, found, sizeof raw_jemalloc);
}
