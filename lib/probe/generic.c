/* A system that no other file is for: it cannot tell what is resident. */
#include <errno.h>

#include "probe.h"

int zm_probe_rss(size_t *bytes)
{
    (void)bytes;
    errno = ENOSYS;
    return -1;
}
