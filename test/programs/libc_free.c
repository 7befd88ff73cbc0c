/* zlibc_free() on memory that the C library gave. Rules: it is the free() that the C library itself
 * would call, also where the allocator behind the library has one, and where the program brings
 * one; it leaves alone errno, and what dlerror() has to say.
 *
 * With TEST_IS_LATE the library, whose file is the argument, comes by dlopen, and looks names up in
 * itself and its own libraries first; with TEST_HAS_OWN_MALLOC the program has own_malloc.c. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "late_library.h"
#include "other_malloc/own_malloc.h"
#include "zmalloc.h"

typedef void free_function(void *block);

#if TEST_IS_LATE

#if !defined(RTLD_DEEPBIND) || UNDER_ADDRESS_SANITIZER || UNDER_THREAD_SANITIZER                   \
    || UNDER_MEMORY_SANITIZER /* they refuse it */
#undef RTLD_DEEPBIND
#define RTLD_DEEPBIND 0
#endif

static free_function *function_to_test(int argc, char **argv)
{
    return open_late(argc, argv, RTLD_LOCAL | RTLD_DEEPBIND).zlibc_free;
}

#else

static free_function *function_to_test(int argc, char **argv)
{
    (void)argc, (void)argv;
    return zlibc_free;
}

#endif

#if TEST_IS_STATIC

/* The linker warns of a program that calls dlopen. */
static void leaves_dlerror(free_function *libc_free)
{
    libc_free(NULL);
}

#else

static void leaves_dlerror(free_function *libc_free)
{
    require(!dlopen("/nonexistent", RTLD_LAZY), "there is a /nonexistent");
    libc_free(NULL);
    require(dlerror(), "dlerror() has forgotten what it had to say");
}

#endif

#if TEST_HAS_OWN_MALLOC

static void reaches_own(free_function *libc_free)
{
    char *text = strdup("a text that the C library copies");
    if (!is_own_block(text))
        skip("a tool has put its malloc in place of the program's.");
    unsigned long before = own_frees();
    libc_free(text);
    require(own_frees() == before + 1, "it is not the program's own free");
}

#else

static void reaches_own(free_function *libc_free)
{
    (void)libc_free;
}

#endif

int main(int argc, char **argv)
{
    free_function *libc_free = function_to_test(argc, argv);
    leaves_dlerror(libc_free);
    char *text = strdup("a text"); /* may set errno */
    errno = EXDEV;
    libc_free(text);
    require(errno == EXDEV, "errno is %d", errno);
    for (char longer[2000] = "x"; strlen(longer) + 1 < sizeof longer; strcat(longer, "x"))
        libc_free(strdup(longer));
    reaches_own(libc_free);
    return 0;
}
