/* For the systems that do not tell which of a process's pages are dirty. */
#include <errno.h>

#include "probe.h"

int zm_probe_private_dirty(long pid, size_t *bytes)
{
    (void)pid;
    (void)bytes;
    errno = ENOSYS;
    return -1;
}

int zm_probe_smaps_field(const char *field, size_t length, long pid, size_t *bytes)
{
    (void)field;
    (void)length;
    (void)pid;
    (void)bytes;
    errno = ENOSYS;
    return -1;
}
