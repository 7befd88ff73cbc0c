/* Linux: /proc, and sysconf for physical memory. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "atomic.h"
#include "compiler.h"
#include "probe.h"
#include "probe/proc_file.h"
#include "probe/proc_text.h"

/* Folders of /proc. When main has ended by pthread_exit, "self" names a thread that has no memory
 * any more; "thread-self", since Linux 3.17, still has. */
static const char self[] = "self/", thread_self[] = "thread-self/";

/* printf would take more of the stack than the rest of this file together. Inline, so that
 * _FORTIFY_SOURCE knows how long the path may be. */
static ZM_ALWAYS_INLINE const char *proc_path(char path[64], const char *folder, const char *name)
{
    stpcpy(stpcpy(stpcpy(path, "/proc/"), folder), name);
    return path;
}

static ssize_t read_proc(const char *folder, const char *name, char *text, size_t size)
{
    char path[64];
    return zm_read_file(proc_path(path, folder, name), text, size);
}

/* Resets the sums and adds every line of /proc/<folder><name>. 0, or -1 with errno set. */
static int sum_file(const char *folder, const char *name, struct zm_smaps_sum *sums, size_t count)
{
    char path[64], text[ZM_BUFFER_SIZE];
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        sums[i] =
            (struct zm_smaps_sum){.field = sums[i].field, .field_length = sums[i].field_length};
    int fd = zm_open_file(proc_path(path, folder, name));
    if (fd == -1)
        return -1;
    ssize_t got;
    while ((got = zm_read_some(fd, text + kept, sizeof text - kept)) > 0) {
        sums->read = 1;
        kept = zm_smaps_add_piece(sums, count, text, sizeof text, kept + (size_t)got);
    }
    zm_close_file(fd);
    return got == 0 ? 0 : -1;
}

static struct zm_smaps_sum sum_of(const char *field)
{
    return (struct zm_smaps_sum){.field = field, .field_length = strlen(field)};
}

/* ---- Huge pages ----
 *
 * The pages of hugetlb, which the kernel counts apart: statm, stat, Rss and Private_Dirty leave
 * them out. Those of this process are in status, which takes twice as long to read as statm. So it
 * is read where there are any in the system, which is looked for at most once in a second: statm
 * and a look each time would take as long as status. */

/* Whether the kernel tells at all: since Linux 4.4, where it has huge pages. */
static int own_huge_pages(struct zm_smaps_sum *own)
{
    return (sum_file(self, "status", own, 1) == 0 && own->found)
           || (sum_file(thread_self, "status", own, 1) == 0 && own->found);
}

/* meminfo has those of all sizes, whoever uses them, since Linux 4.17; before the first one that
 * overcommitting allows it says 0 as well. Where anything but two zeros is read there may be some.
 */
static int look_for_huge_pages(void)
{
    char limit[8];
    ssize_t length = read_proc("sys/vm/", "nr_overcommit_hugepages", limit, sizeof limit);
    struct zm_smaps_sum all = sum_of("Hugetlb"), own = sum_of("HugetlbPages");
    if (length == 2 && memcmp(limit, "0\n", 2) == 0 && sum_file("", "meminfo", &all, 1) == 0
        && all.found && all.bytes == 0)
        return 0;
    return own_huge_pages(&own);
}

/* When that was looked for last, and what was found, in one word that threads may race on: twice
 * the second, and one more where there may be huge pages. */
static ZM_ATOMIC(unsigned) last_look;

static int may_have_huge_pages(void)
{
    unsigned now = (unsigned)time(NULL) * 2;
    unsigned last = zm_load(&last_look);
    if ((last & ~1U) != now) {
        last = now + (unsigned)look_for_huge_pages();
        zm_store(&last_look, last);
    }
    return last & 1;
}

static size_t huge_bytes(void)
{
    struct zm_smaps_sum own = sum_of("HugetlbPages");
    return may_have_huge_pages() && own_huge_pages(&own) ? own.bytes : 0;
}

/* ---- Resident ---- */

typedef int resident_parser(const char *text, size_t length, size_t *pages);

static int resident_bytes(const char *folder, const char *name, resident_parser *parse,
                          size_t *bytes)
{
    char text[ZM_BUFFER_SIZE]; /* far longer than what there is to read */
    ssize_t got = read_proc(folder, name, text, sizeof text);
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
    if (resident_bytes(self, "statm", zm_statm_resident, bytes) != 0
        && resident_bytes(thread_self, "statm", zm_statm_resident, bytes) != 0
        && resident_bytes(self, "stat", zm_stat_resident, bytes) != 0)
        return -1;
    *bytes = zm_saturating_add(*bytes, huge_bytes());
    return 0;
}

/* ---- Fields of smaps ---- */

/* smaps_rollup, since Linux 4.14, is one line a field for the whole process; it lacks some fields
 * of smaps. A read may fail where the open did not: the process is gone. One that has ended and was
 * not waited for, or is a kernel's, has an empty smaps. The first field must be there. */
static int sum_smaps(const char *folder, struct zm_smaps_sum *sums, size_t count)
{
    if (sum_file(folder, "smaps_rollup", sums, count) == 0 && sums->found)
        return 0;
    if (sum_file(folder, "smaps", sums, count) != 0)
        return -1;
    if (sums->found)
        return 0;
    errno = sums->read ? ENODATA : ESRCH;
    return -1;
}

/* The folder of a process, written from the end of the buffer: "42/". */
static const char *folder_of(long pid, char *buffer, size_t size)
{
    char *at = stpcpy(buffer + size - sizeof "/", "/") - 1;
    for (; pid > 0; pid /= 10)
        *--at = (char)('0' + pid % 10);
    return at;
}

static int sum_smaps_of(long pid, struct zm_smaps_sum *sums, size_t count)
{
    char buffer[24];
    int result = sum_smaps(pid == -1 ? self : folder_of(pid, buffer, sizeof buffer), sums, count);
    if (result != 0 && pid == -1 && errno == ESRCH)
        return sum_smaps(thread_self, sums, count);
    return result;
}

int zm_probe_smaps_field(const char *field, size_t length, long pid, size_t *bytes)
{
    struct zm_smaps_sum sum = {.field = field, .field_length = length};
    if (sum_smaps_of(pid, &sum, 1) != 0)
        return -1;
    *bytes = sum.bytes;
    return 0;
}

/* Huge pages are always dirty: no disk has what is in them. */
int zm_probe_private_dirty(long pid, size_t *bytes)
{
    struct zm_smaps_sum sums[] = {sum_of("Private_Dirty"), sum_of("Private_Hugetlb")};
    if (sum_smaps_of(pid, sums, sizeof sums / sizeof *sums) != 0)
        return -1;
    *bytes = zm_saturating_add(sums[0].bytes, sums[1].bytes);
    return 0;
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
