// zmalloc/redis.h in C++.
#include <zmalloc/redis.h>

int main()
{
    size_t usable, figures[5];
    void *block = zrealloc_usable2(zmalloc_usable(100, &usable), 200, &usable, nullptr);
    zmalloc_get_allocator_info(&figures[0], &figures[1], &figures[2], &figures[3], &figures[4]);
    zmadvise_dontneed(block, usable);
    zfree_usable(extend_to_usable(block, usable), &usable);
    return jemalloc_purge();
}
