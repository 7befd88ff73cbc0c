#include "late_library.h"

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

struct late_library open_late(int argc, char **argv, int mode)
{
    struct late_library late;
    require(argc > 1, "the library's file is missing from the command line");
    late.handle = dlopen(argv[1], RTLD_NOW | mode);
    if (!late.handle)
        start_again_with_room(argv, dlerror());
    look_up(late.handle, "zmalloc", &late.zmalloc);
    look_up(late.handle, "zrealloc", &late.zrealloc);
    look_up(late.handle, "zfree", &late.zfree);
    look_up(late.handle, "zlibc_free", &late.zlibc_free);
    look_up(late.handle, "zmalloc_size", &late.zmalloc_size);
    look_up(late.handle, "zmalloc_used_memory", &late.zmalloc_used_memory);
    look_up(late.handle, "zmalloc_lib", &late.zmalloc_lib);
    return late;
}
