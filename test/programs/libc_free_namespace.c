/* The library in a namespace of its own, with a C library of its own. Rule: zlibc_free() is the
 * free() of that C library.
 *
 * Argument: the library's file. */
#include <dlfcn.h>
#include <string.h>

#include "check.h"

typedef char *copy_function(const char *text);
typedef void free_function(void *block);

#ifdef LM_ID_NEWLM

static void look_up(void *handle, const char *name, void *function)
{
    void *symbol = dlsym(handle, name);
    require(symbol, "dlsym: %s", dlerror());
    memcpy(function, &symbol, sizeof symbol);
}

int main(int argc, char **argv)
{
    copy_function *their_strdup;
    free_function *libc_free;
    require(argc > 1, "the library's file is missing from the command line");
    if (UNDER_ADDRESS_SANITIZER || UNDER_THREAD_SANITIZER || UNDER_MEMORY_SANITIZER)
        skip("the sanitizer is in the program's namespace only.");
    if (!dlmopen(LM_ID_NEWLM, "libm.so.6", RTLD_NOW))
        skip("the C library's own libraries do not open in a namespace, as by some emulators.");
    void *library = dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW);
    require(library, "dlmopen: %s", dlerror());
    look_up(library, "strdup", &their_strdup);
    look_up(library, "zlibc_free", &libc_free);
    for (int i = 0; i < 1000; i++)
        libc_free(their_strdup("a text"));
    return 0;
}

#else

int main(void)
{
    skip("the C library has no namespaces.");
}

#endif
