/* Rule: linking the library does not change what the program's own malloc is, whatever the
 * allocator behind the library. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "total.h"

/* The program calls them, as the linker must see; the compiler may not leave a pair out. */
static void *(*volatile own_malloc)(size_t n) = malloc;
static void (*volatile own_free)(void *block) = free;

static const char *object_of(const char *name)
{
    Dl_info object;
    void *symbol = dlsym(RTLD_DEFAULT, name);
    require(symbol, "dlsym: %s", dlerror());
    require(dladdr(symbol, &object), "no object has %s", name);
    return object.dli_fname;
}

int main(void)
{
    static const char *const names[] = {"malloc",         "calloc",        "realloc", "free",
                                        "posix_memalign", "aligned_alloc", "memalign"};
    if (UNDER_ADDRESS_SANITIZER || UNDER_THREAD_SANITIZER)
        skip("the sanitizer brings a malloc of its own.");
    size_t before = zmalloc_used_memory();
    void *block = zmalloc(100);
    const char *c_library = object_of("strtoul");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        require(strcmp(object_of(names[i]), c_library) == 0,
                "%s is that of %s, not that of the C library, %s", names[i], object_of(names[i]),
                c_library);
    zfree(block);

    void *own = own_malloc(100);
    require_total(before, "after malloc: it was counted");
    own_free(own);
    printf("malloc is that of %s, zmalloc is on %s\n", c_library, zmalloc_lib());
    return 0;
}
