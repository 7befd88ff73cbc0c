/* Linux: /proc, and sysconf for physical memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"
#include "probe/proc_text.h"

/* Every file is read through a buffer of this size: a thread of the least stack that the system
 * allows has room for it, and for no large one. One of 8 KiB would save an eighth of the time where
 * the text of 10,000 mappings is read, and nothing elsewhere. */
enum { BUFFER_SIZE = 1024 };

/* Who in /proc: "self", "thread-self" or a number. When main has ended by pthread_exit, "self"
 * names a thread that has no memory any more; "thread-self", since Linux 3.17, still has. */
static int open_proc(const char *who, const char *name)
{
    char path[64]; /* printf would take more than the rest of this file together */
    stpcpy(stpcpy(stpcpy(stpcpy(path, "/proc/"), who), "/"), name);
    int fd;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd == -1 && errno == EINTR);
    return fd;
}

static ssize_t read_some(int fd, char *buf, size_t size)
{
    ssize_t got;
    do
        got = read(fd, buf, size);
    while (got == -1 && errno == EINTR);
    return got;
}

/* Closes without losing the errno of what failed before. */
static void close_quietly(int fd)
{
    int saved_errno = errno;
    close(fd);
    errno = saved_errno;
}

/* The kernel prints these two in one go, far shorter than this. */
typedef int resident_parser(const char *text, size_t length, size_t *pages);

static int resident_bytes(const char *who, const char *name, resident_parser *parse, size_t *bytes)
{
    char text[BUFFER_SIZE];
    int fd = open_proc(who, name);
    if (fd == -1)
        return -1;
    ssize_t got = read_some(fd, text, sizeof text);
    close_quietly(fd);
    if (got == -1)
        return -1;
    size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages;
    if (parse(text, (size_t)got, &pages) != 0 || pages == 0 || pages > SIZE_MAX / page_size) {
        errno = EINVAL;
        return -1;
    }
    *bytes = pages * page_size;
    return 0;
}

int zm_probe_rss(size_t *bytes)
{
    if (resident_bytes("self", "statm", zm_statm_resident, bytes) != 0
        && resident_bytes("thread-self", "statm", zm_statm_resident, bytes) != 0
        && resident_bytes("self", "stat", zm_stat_resident, bytes) != 0)
        return -1;
    return 0;
}

/* Reads the whole file through one buffer. */
static int sum_file(const char *who, const char *name, struct zm_smaps_sum *sum)
{
    char text[BUFFER_SIZE];
    size_t kept = 0;
    int fd = open_proc(who, name);
    if (fd == -1)
        return -1;
    sum->read = 0;
    ssize_t got;
    while ((got = read_some(fd, text + kept, sizeof text - kept)) > 0) {
        sum->read = 1;
        kept = zm_smaps_add_piece(sum, text, sizeof text, kept + (size_t)got);
    }
    close_quietly(fd);
    return got == 0 ? 0 : -1;
}

/* smaps_rollup, since Linux 4.14, is one line a field for the whole process; it lacks some fields
 * of smaps. A read may fail where the open did not: the process is gone. One that has ended and was
 * not waited for, or is a kernel's, has an empty smaps. */
static int sum_field(const char *who, const char *field, size_t length, size_t *bytes)
{
    struct zm_smaps_sum sum = {.field = field, .field_length = length};
    if (sum_file(who, "smaps_rollup", &sum) != 0 || !sum.found) {
        sum = (struct zm_smaps_sum){.field = field, .field_length = length};
        if (sum_file(who, "smaps", &sum) != 0)
            return -1;
    }
    if (!sum.found) {
        errno = sum.read ? ENODATA : ESRCH;
        return -1;
    }
    *bytes = sum.bytes;
    return 0;
}

/* A number above 0, written from the end of the buffer. */
static const char *in_digits(long number, char *buffer, size_t size)
{
    char *at = buffer + size - 1;
    *at = '\0';
    for (; number > 0; number /= 10)
        *--at = (char)('0' + number % 10);
    return at;
}

int zm_probe_smaps_field(const char *field, size_t length, long pid, size_t *bytes)
{
    char digits[24];
    const char *who = pid == -1 ? "self" : in_digits(pid, digits, sizeof digits);
    int result = sum_field(who, field, length, bytes);
    if (result != 0 && pid == -1 && errno == ESRCH)
        return sum_field("thread-self", field, length, bytes);
    return result;
}

int zm_probe_private_dirty(long pid, size_t *bytes)
{
    static const char field[] = "Private_Dirty";
    return zm_probe_smaps_field(field, sizeof field - 1, pid, bytes);
}

int zm_probe_memory_size(size_t *bytes)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_size = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_size <= 0)
        return -1;
    /* A 32-bit process may run on a machine whose memory it cannot count. */
    *bytes =
        (size_t)pages > SIZE_MAX / (size_t)page_size ? SIZE_MAX : (size_t)pages * (size_t)page_size;
    return 0;
}
