/* Which loaded object the process's malloc and its kin are of, for the backends over it. A preload
 * or the program may have replaced some of the C library's calls and not others. */
#ifndef ZM_LIBC_MODULE_H
#define ZM_LIBC_MODULE_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "config.h"

/* Weak: a static program, whose calls are all of one object, need not have it. */
#pragma weak dlsym

#if ZM_HAVE_DLADDR1 && defined(__GLIBC__)

#include <link.h>

/* Whether the object defines what lies at that address. A program that is not position-independent
 * has an address of its own for each function of a library that it names, a jump to the true one.
 */
static inline bool zm_libc_is_defined(void *address, Dl_info *object)
{
    void *symbol = NULL;
    return dladdr1(address, object, &symbol, RTLD_DL_SYMENT)
           && (!symbol || ((const ElfW(Sym) *)symbol)->st_shndx != SHN_UNDEF);
}

#else

static inline bool zm_libc_is_defined(void *address, Dl_info *object)
{
    return dladdr(address, object);
}

#endif

/* That of a function whose object cannot be told. */
static const char zm_libc_unknown;

/* The object that defines the function; NULL in a static program. `function` is what a pointer to
 * it, of any type, lies at. Where that is a jump of the program, and this code is in the program
 * too, the next object with such a name has the true one; else it cannot be told. */
static inline const void *zm_libc_object_of(const char *name, const void *function)
{
    const char *here = &zm_libc_unknown;
    Dl_info object = {0}, own_object = {0};
    void *address;
    memcpy(&address, function, sizeof address);
    if (zm_libc_is_defined(address, &object) || !object.dli_fbase)
        return object.dli_fbase;
    if (!dlsym || !dladdr(here, &own_object) || own_object.dli_fbase != object.dli_fbase)
        return &zm_libc_unknown;
    address = dlsym(RTLD_NEXT, name);
    return address && dladdr(address, &object) ? object.dli_fbase : &zm_libc_unknown;
}

static inline bool zm_libc_are_same(const void *object, const void *other)
{
    return object == other && object != &zm_libc_unknown;
}

/* ---- What zfree may rely on ---- */

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#include <stdlib.h>

/* Since 2.34, which has no hooks any more, all sizes are multiples of a word. From there to 2.42
 * glibc's free keeps errno. */
#define ZM_LIBC_SIZES_ARE_ROUNDED __GLIBC_PREREQ(2, 34)
#define ZM_LIBC_KEEPS_ERRNO (__GLIBC_PREREQ(2, 34) && !__GLIBC_PREREQ(2, 43))

/* Whether the same holds of the glibc that is loaded, and free is its own. */
static inline bool zm_libc_frees_as_built(void)
{
    if (!ZM_LIBC_SIZES_ARE_ROUNDED)
        return true;
    void (*freeing)(void *) = free;
    const char *(*telling)(void) = gnu_get_libc_version;
    const char *version = gnu_get_libc_version();
    long minor = strncmp(version, "2.", 2) == 0 ? strtol(version + 2, NULL, 10) : 0;
    return minor >= 34 && (minor <= 42 || !ZM_LIBC_KEEPS_ERRNO)
           && zm_libc_are_same(zm_libc_object_of("free", &freeing),
                               zm_libc_object_of("gnu_get_libc_version", &telling));
}
#else

#define ZM_LIBC_SIZES_ARE_ROUNDED false
#define ZM_LIBC_KEEPS_ERRNO false

/* Nothing is relied on. */
static inline bool zm_libc_frees_as_built(void)
{
    return true;
}

#endif
#endif
