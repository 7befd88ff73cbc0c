/* zlibc_free on ELF systems: the free of the global scope, where the C library looks its own up;
 * the program or a preload may have replaced it. The `free` that this library is bound to may be
 * another: its allocator's, if that is linked in or the library was opened with RTLD_DEEPBIND. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atomic.h"
#include "compiler.h"
#include "zmalloc.h"

/* Weak: a static program, which has one free, need not have dlsym. */
#pragma weak dlsym

typedef void *open_function(const char *file, int mode);
typedef void free_function(void *block);

static ZM_ATOMIC(free_function *) libc_free;

/* Stores the function of that name. False if there is none. */
static bool find(void *scope, const char *name, void *function)
{
    void *address = dlsym(scope, name);
    if (address)
        memcpy(function, &address, sizeof address);
    return address;
}

/* dlopen is looked up, as linkers warn of a static program that calls it. */
static void *global_scope(void)
{
    open_function *open_scope;
    return find(RTLD_DEFAULT, "dlopen", &open_scope) ? open_scope(NULL, RTLD_LAZY) : NULL;
}

/* Whether the scope has the C library that this one is bound to: a namespace of dlmopen has a copy
 * of its own. Asked by confstr, which nobody replaces. */
static bool has_our_libc(void *scope)
{
    size_t (*found)(int name, char *buf, size_t len);
    return find(scope, "confstr", &found) && found == confstr;
}

static free_function *find_free(void)
{
    free_function *found = free;
    if (!dlsym)
        return found;
    void *scope = global_scope();
    find(scope && has_our_libc(scope) ? scope : RTLD_DEFAULT, "free", &found);
    return found;
}

/* At load, as a look-up would take the caller's dlerror() away. */
ZM_CONSTRUCTOR static void keep_libc_free(void)
{
    zm_store(&libc_free, find_free());
}

void zlibc_free(void *block)
{
    free_function *found = zm_load(&libc_free);
    if (ZM_UNLIKELY(!found)) {
        int saved_errno = errno;
        keep_libc_free();
        errno = saved_errno;
        found = zm_load(&libc_free);
    }
    found(block);
}
