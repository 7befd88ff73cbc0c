/* Where one scope of names is global (ELF): the C library takes its free from there, be it its own
 * or one that the program or a preloaded library brings. What `free` is to this library may be
 * another: that of an allocator which is linked into it, or, after RTLD_DEEPBIND, found first. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atomic.h"
#include "compiler.h"
#include "zmalloc.h"

/* A static program, which has but one free, need not have it, and is not given it by this. */
#pragma weak dlsym

typedef void *open_function(const char *file, int mode);
typedef void free_function(void *block);

static ZM_ATOMIC(free_function *) libc_free;

/* Stores a function of that name; false, and nothing stored, where there is none. */
static bool find(void *scope, const char *name, void *function)
{
    void *address = dlsym(scope, name);
    if (address)
        memcpy(function, &address, sizeof address);
    return address;
}

/* By name, as linkers warn of a static program that calls dlopen. */
static void *global_scope(void)
{
    open_function *open_scope;
    return find(RTLD_DEFAULT, "dlopen", &open_scope) ? open_scope(NULL, RTLD_LAZY) : NULL;
}

/* Not where dlmopen brought this library and another C library with it. No allocator or tool puts a
 * confstr in place of the C library's. */
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

/* Once, when the library is loaded: a look-up forgets what dlerror() had to say. */
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
