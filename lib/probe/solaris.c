/* Solaris and illumos: /proc. */

/* <procfs.h> refuses to be compiled for large files in a 32-bit program. psinfo is not large. */
#undef _FILE_OFFSET_BITS

#include <errno.h>
#include <fcntl.h>
#include <procfs.h>
#include <unistd.h>

#include "probe.h"

/* 0, or -1 with errno set: EINVAL where the kernel's record is shorter than the one this was built
 * with. Closing does not lose the errno of what failed before. */
static int read_own_psinfo(psinfo_t *self)
{
    int fd;
    do
        fd = open("/proc/self/psinfo", O_RDONLY | O_CLOEXEC);
    while (fd == -1 && errno == EINTR);
    if (fd == -1)
        return -1;
    ssize_t got;
    do
        got = read(fd, self, sizeof *self);
    while (got == -1 && errno == EINTR);
    int read_errno = got == -1 ? errno : EINVAL;
    close(fd);
    errno = read_errno;
    return got == (ssize_t)sizeof *self ? 0 : -1;
}

int zm_probe_rss(size_t *bytes)
{
    psinfo_t self;
    if (read_own_psinfo(&self) != 0)
        return -1;
    /* proc(5): in kilobytes. */
    *bytes = self.pr_rssize * 1024;
    return 0;
}
