/* A program on a library that has its allocator within. Rules: the program's malloc and the
 * system's calls stay the C library's; a block from before any constructor of the allocator is
 * counted and freed like others. Prints zmalloc_lib(). An argument says that the program is static.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <zmalloc.h>

static const char *library_of(const char *name)
{
    Dl_info object;
    void *symbol = dlsym(RTLD_DEFAULT, name);
    return symbol && dladdr(symbol, &object) ? object.dli_fname : "nowhere";
}

static void *early;
static size_t early_size;

__attribute__((constructor(101))) static void allocate_early(void)
{
    early = zmalloc(100);
    early_size = zmalloc_size(early);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"malloc", "calloc", "realloc", "free", "mmap", "sbrk"};
    (void)argv;
    if (early_size < 100 || zmalloc_size(early) != early_size
        || zmalloc_used_memory() != early_size)
        return printf("a block from before main has %zu bytes, then %zu\n", early_size,
                      zmalloc_size(early)),
               1;
    zfree(early);
    printf("%s\n", zmalloc_lib());
    for (size_t i = 0; argc == 1 && i < sizeof names / sizeof *names; i++)
        if (strcmp(library_of(names[i]), library_of("strtoul")) != 0)
            return printf("%s is that of %s\n", names[i], library_of(names[i])), 1;
    return zmalloc_used_memory() != 0;
}
