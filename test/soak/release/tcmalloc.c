#include "release.h"

bool release_free_memory(int threads)
{
    (void)threads;
    any_function *empty_thread_cache = find_function("MallocExtension_MarkThreadIdle");
    any_function *release = find_function("MallocExtension_ReleaseFreeMemory");
    if (!empty_thread_cache || !release)
        return false;
    empty_thread_cache();
    release();
    return true;
}

typedef int property_reader(const char *name, size_t *value);

/* Of its three levels of caches the central two are never emptied, and they hold more the longer
 * threads come and go, up to 1 MiB or so for each size class. */
size_t bytes_it_keeps(void)
{
    static const char *const names[] = {"tcmalloc.central_cache_free_bytes",
                                        "tcmalloc.transfer_cache_free_bytes",
                                        "tcmalloc.thread_cache_free_bytes"};
    property_reader *read_property =
        (property_reader *)find_function("MallocExtension_GetNumericProperty");
    size_t sum = 0, bytes;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (read_property && read_property(names[i], &bytes))
            sum += bytes;
    return sum;
}
