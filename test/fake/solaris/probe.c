/* lib/probe/solaris.c against a /proc/self/psinfo that lies in this file. The probe finds these in
 * place of open, read and close. */
#undef _FILE_OFFSET_BITS

#include <fcntl.h>
#include <procfs.h>
#include <string.h>
#include <unistd.h>

#include "fake_sysconf.h"
#include "no_smaps.h"

#define FAKE_DESCRIPTOR 77

static psinfo_t psinfo;
static size_t length = sizeof psinfo;
static int open_errno;
static int read_errno;
static int open_interruptions;
static int read_interruptions;
static int opened;

static int is_interrupted(int *interruptions)
{
    if (*interruptions == 0)
        return 0;
    (*interruptions)--;
    errno = EINTR;
    return 1;
}

int fake_open(const char *path, int flags, ...);
ssize_t fake_read(int fd, void *buffer, size_t size);
int fake_close(int fd);

int fake_open(const char *path, int flags, ...)
{
    expect(strcmp(path, "/proc/self/psinfo") == 0);
    expect_equal(flags, O_RDONLY | O_CLOEXEC);
    if (is_interrupted(&open_interruptions))
        return -1;
    if (open_errno) {
        errno = open_errno;
        return -1;
    }
    opened++;
    return FAKE_DESCRIPTOR;
}

ssize_t fake_read(int fd, void *buffer, size_t size)
{
    expect_equal(fd, FAKE_DESCRIPTOR);
    expect_equal(size, sizeof psinfo);
    if (is_interrupted(&read_interruptions))
        return -1;
    if (read_errno) {
        errno = read_errno;
        return -1;
    }
    memcpy(buffer, &psinfo, length);
    return (ssize_t)length;
}

/* Spoils errno, as a close may. */
int fake_close(int fd)
{
    expect_equal(fd, FAKE_DESCRIPTOR);
    opened--;
    errno = EBADF;
    return -1;
}

static void expect_error(int wanted)
{
    size_t bytes = 7;
    errno = 0;
    expect_equal(zm_probe_rss(&bytes), -1);
    expect_equal(errno, wanted);
    expect_equal(bytes, 7);
    expect_equal(opened, 0);
}

static void expect_rss(size_t wanted)
{
    size_t bytes = 0;
    expect_equal(zm_probe_rss(&bytes), 0);
    expect_equal(bytes, wanted);
    expect_equal(opened, 0);
}

int main(void)
{
    memset(&psinfo, 0x5a, sizeof psinfo);
    psinfo.pr_rssize = 12345;
    expect_rss(12345 * 1024);
    open_interruptions = 2;
    read_interruptions = 2;
    expect_rss(12345 * 1024);

    length = sizeof psinfo - 1;
    expect_error(EINVAL);
    read_errno = EIO;
    expect_error(EIO);
    open_errno = EACCES;
    expect_error(EACCES);

    size_t bytes = 0;
    fake_physical_pages = 12345;
    expect_equal(zm_probe_memory_size(&bytes), 0);
    expect_equal(bytes, 12345 * FAKE_PAGE_SIZE);
    expect_no_smaps();
    return 0;
}
