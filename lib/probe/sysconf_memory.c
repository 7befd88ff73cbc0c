/* Physical memory by sysconf(3), for the systems that have no better way. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "probe.h"

#ifdef _SC_PHYS_PAGES

/* May fail without a word in errno. */
static long physical_pages(void)
{
    errno = ENOSYS;
    return sysconf(_SC_PHYS_PAGES);
}

#else

/* POSIX does not ask for it. */
static long physical_pages(void)
{
    errno = ENOSYS;
    return -1;
}

#endif

int zm_probe_memory_size(size_t *bytes)
{
    long pages = physical_pages();
    long page_size = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_size <= 0)
        return -1;
    /* A 32-bit process may run on a machine whose memory it cannot count. */
    *bytes =
        (size_t)pages > SIZE_MAX / (size_t)page_size ? SIZE_MAX : (size_t)pages * (size_t)page_size;
    return 0;
}
