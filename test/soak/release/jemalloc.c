#include "release.h"

typedef int control(const char *name, void *old, size_t *old_length, void *new, size_t new_length);

/* 4096 is jemalloc.h's MALLCTL_ARENAS_ALL. */
bool release_free_memory(int threads)
{
    (void)threads;
    control *mallctl = (control *)find_function("mallctl");
    if (!mallctl)
        return false;
    mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    return mallctl("arena.4096.purge", NULL, NULL, NULL, 0) == 0;
}

size_t bytes_it_keeps(void)
{
    return 0;
}
