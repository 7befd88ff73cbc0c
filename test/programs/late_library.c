#include "late_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#define ROOM "glibc.rtld.optional_static_tls=4096"

static void look_up(void *handle, const char *name, void *function)
{
    void *symbol = dlsym(handle, name);
    require(symbol, "dlsym: %s", dlerror());
    memcpy(function, &symbol, sizeof symbol);
}

static void start_again_with_room(char **argv, const char *error)
{
    const char *tunables = getenv("GLIBC_TUNABLES");
    require(strstr(error, "cannot allocate memory in static TLS block"), "dlopen: %s", error);
    require(!tunables, "dlopen, even with GLIBC_TUNABLES=%s: %s", tunables, error);
    printf("dlopen: %s\nAgain with GLIBC_TUNABLES=" ROOM "\n", error);
    fflush(stdout);
    setenv("GLIBC_TUNABLES", ROOM, 1);
    execv("/proc/self/exe", argv);
    require(errno == ENOEXEC, "could not start again: %s", strerror(errno));
    skip("an emulator does not let a program start again, and this one has no room for the "
         "library.");
}

struct late_library open_late(int argc, char **argv)
{
    struct late_library library;
    require(argc > 1, "the library's file is missing from the command line");
    library.handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library.handle)
        start_again_with_room(argv, dlerror());
    look_up(library.handle, "zmalloc", &library.zmalloc);
    look_up(library.handle, "zrealloc", &library.zrealloc);
    look_up(library.handle, "zfree", &library.zfree);
    look_up(library.handle, "zmalloc_size", &library.zmalloc_size);
    look_up(library.handle, "zmalloc_used_memory", &library.zmalloc_used_memory);
    look_up(library.handle, "zmalloc_lib", &library.zmalloc_lib);
    return library;
}
