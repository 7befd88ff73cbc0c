/* Who answers for libzmalloc.so.0: prints the allocator and the library's file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmalloc.h>

int main(void)
{
    Dl_info library;
    size_t before = zmalloc_used_memory();
    char *name = zstrdup(zmalloc_lib());
    if (zmalloc_used_memory() != before + zmalloc_size(name))
        return fputs("a block was not counted\n", stderr), 1;
    if (!dladdr(dlsym(RTLD_DEFAULT, "zmalloc"), &library))
        return fputs("no library has zmalloc\n", stderr), 1;
    char *file = realpath(library.dli_fname, NULL);
    printf("%s %s\n", name, file ? file : library.dli_fname);
    zlibc_free(file);
    zfree(name);
    return zmalloc_used_memory() != before;
}
