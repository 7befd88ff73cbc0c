/* Linux's probe over a /proc that is not this machine's: statm that is not to be had, whose place
 * stat takes whatever the process is called; and huge pages. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"
#include "open_text.h"
#include "probe.h"

/* What the probe calls for open() and time(). */
int fake_open(const char *path, int flags, ...);
time_t fake_time(time_t *unused);

/* NULL: there is no such file. */
static struct file {
    const char *path, *text;
    int opened;
} files[] = {
    {"/proc/self/statm", NULL, 0},        {"/proc/thread-self/statm", NULL, 0},
    {"/proc/self/status", NULL, 0},       {"/proc/thread-self/status", NULL, 0},
    {"/proc/meminfo", NULL, 0},           {"/proc/sys/vm/nr_overcommit_hugepages", NULL, 0},
    {"/proc/self/smaps_rollup", NULL, 0}, {"/proc/self/smaps", NULL, 0},
};
enum { STATM, THREAD_STATM, STATUS, THREAD_STATUS, MEMINFO, OVERCOMMIT, ROLLUP, SMAPS, FILES };

static int opened_stat;
static int refuses_all;
static time_t now = 1000000;

time_t fake_time(time_t *unused)
{
    (void)unused;
    return now;
}

int fake_open(const char *path, int flags, ...)
{
    for (int i = 0; i < FILES && !refuses_all; i++)
        if (strcmp(path, files[i].path) == 0 && files[i].text) {
            files[i].opened++;
            return open_text(files[i].text);
        }
    if (refuses_all || strcmp(path, "/proc/self/stat") != 0) {
        errno = EACCES;
        return -1;
    }
    opened_stat++;
    /* The same file; "self" is answered by emulators themselves, with 0 for much of it. */
    return open("/proc/thread-self/stat", flags);
}

static void stat_serves_for_statm(void)
{
    size_t bytes = 0;
    expect(prctl(PR_SET_NAME, "a) b (c") == 0);
    expect(zm_probe_rss(&bytes) == 0);
    expect(opened_stat == 1);
    expect(bytes >= 100 * 1024 && bytes < (size_t)1 << 30);

    refuses_all = 1;
    bytes = 77;
    errno = 0;
    expect(zm_probe_rss(&bytes) == -1);
    expect(errno == EACCES && bytes == 77);
    refuses_all = 0;
}

static size_t rss(void)
{
    size_t bytes = 0;
    expect(zm_probe_rss(&bytes) == 0);
    return bytes;
}

/* What there is of a page of memory and of huge pages, as the system says it in the next second. */
static void system_says(const char *meminfo, const char *overcommit, const char *status)
{
    now++;
    files[STATM].text = "100 1 1 1 0 1 0\n";
    files[MEMINFO].text = meminfo;
    files[OVERCOMMIT].text = overcommit;
    files[STATUS].text = status;
    files[THREAD_STATUS].text = NULL;
    files[STATUS].opened = files[MEMINFO].opened = files[OVERCOMMIT].opened = 0;
}

#define NO_POOL "MemTotal: 24684484 kB\nHugePages_Total: 0\nHugetlb:            0 kB\n"
#define A_POOL "MemTotal: 24684484 kB\nHugePages_Total: 4\nHugetlb:         8192 kB\n"
#define OWN "Name:\ta\nVmRSS:\t    4 kB\nHugetlbPages:\t    4096 kB\nThreads:\t1\n"
#define NONE_OWN "Name:\ta\nVmRSS:\t    4 kB\nHugetlbPages:\t       0 kB\nThreads:\t1\n"
#define OLD "Name:\ta\nVmRSS:\t    4 kB\nThreads:\t1\n"
static const size_t huge = (size_t)4096 * 1024;

static void resident_bytes_have_huge_pages(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    system_says(A_POOL, "0\n", OWN);
    expect(rss() == page + huge);
    system_says(A_POOL, "0\n", NONE_OWN);
    expect(rss() == page);
    /* Before the first that overcommitting allows there is no pool. */
    system_says(NO_POOL, "10\n", OWN);
    expect(rss() == page + huge);
    /* Kernels that do not say how much there is in all; a /proc of processes alone. */
    system_says("HugePages_Total: 4\n", "0\n", OWN);
    expect(rss() == page + huge);
    system_says(NULL, NULL, OWN);
    expect(rss() == page + huge);
    /* The one whose main has ended. */
    system_says(A_POOL, "0\n", OLD);
    files[THREAD_STATUS].text = OWN;
    expect(rss() == page + huge);
    /* One that does not tell. */
    system_says(A_POOL, "0\n", OLD);
    expect(rss() == page);
    system_says(NULL, NULL, NULL);
    expect(rss() == page);
}

static void a_system_without_is_asked_once_a_second(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    system_says(NO_POOL, "0\n", NONE_OWN);
    expect(rss() == page && rss() == page && rss() == page);
    expect(files[STATUS].opened == 0);
    expect(files[MEMINFO].opened == 1 && files[OVERCOMMIT].opened == 1);
    /* Nor where the kernel has none at all. */
    system_says(NULL, NULL, OLD);
    expect(rss() == page && rss() == page);
    expect(files[STATUS].opened == 1);
    /* Somebody reserves some. */
    system_says(NO_POOL, "0\n", NONE_OWN);
    expect(rss() == page);
    files[MEMINFO].text = A_POOL;
    files[STATUS].text = OWN;
    now++;
    expect(rss() == page + huge);
}

static void sums_do_not_wrap(void)
{
    char text[128];
    size_t bytes = 0;
    snprintf(text, sizeof text, "HugetlbPages:\t%zu kB\n", SIZE_MAX);
    system_says(A_POOL, "0\n", text);
    expect(rss() == SIZE_MAX);
    snprintf(text, sizeof text, "Private_Dirty: 4 kB\nPrivate_Hugetlb: %zu kB\n", SIZE_MAX);
    files[ROLLUP].text = text;
    expect(zm_probe_private_dirty(-1, &bytes) == 0 && bytes == SIZE_MAX);
}

static size_t private_dirty(void)
{
    size_t bytes = 0;
    expect(zm_probe_private_dirty(-1, &bytes) == 0);
    return bytes;
}

static size_t field(const char *name)
{
    size_t bytes = 0;
    expect(zm_probe_smaps_field(name, strlen(name), -1, &bytes) == 0);
    return bytes;
}

/* The kernel's names stay what the kernel means by them. */
static void private_dirty_bytes_have_huge_pages(void)
{
    files[ROLLUP].text = "Rss: 8 kB\nPrivate_Dirty: 4 kB\nShared_Hugetlb: 16 kB\n"
                         "Private_Hugetlb: 2048 kB\n";
    expect(private_dirty() == (4 + 2048) * 1024);
    expect(field("Private_Dirty") == 4 * 1024);
    expect(field("Private_Hugetlb") == 2048 * 1024);
    expect(field("Rss") == 8 * 1024);

    /* Kernels that have no such field. */
    files[ROLLUP].text = "Private_Dirty: 4 kB\n";
    expect(private_dirty() == 4 * 1024);
    /* Both are taken from one file. */
    files[ROLLUP].text = "Private_Hugetlb: 2048 kB\n";
    files[SMAPS].text = "Private_Dirty: 4 kB\nPrivate_Hugetlb: 4096 kB\n";
    expect(private_dirty() == (4 + 4096) * 1024);
    files[SMAPS].text = "Private_Hugetlb: 4096 kB\n";
    size_t untouched = 77;
    expect(zm_probe_private_dirty(-1, &untouched) == -1 && errno == ENODATA && untouched == 77);
}

int main(void)
{
    stat_serves_for_statm();
    resident_bytes_have_huge_pages();
    a_system_without_is_asked_once_a_second();
    sums_do_not_wrap();
    private_dirty_bytes_have_huge_pages();
    return 0;
}
