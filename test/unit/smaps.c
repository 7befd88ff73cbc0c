/* /proc as it is: private dirty, smaps fields, other processes. Linux only. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static const size_t mib = (size_t)1 << 20;

/* What a process may grow by between two looks at it. An emulator keeps what it has translated, and
 * may get memory by the 2 MiB. */
static const size_t growth = (size_t)(ZM_TEST_EMULATED ? 4 : 1) << 20;

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

Test(smaps, private_dirty_follows_what_is_written)
{
    size_t before = zmalloc_get_private_dirty(-1);
    volatile unsigned char *block = zmalloc(32 * mib);
    for (size_t i = 0; i < 32 * mib; i += 1024)
        block[i] = 1;
    size_t after = zmalloc_get_private_dirty(-1);
    cr_assert_geq(after, before + 31 * mib);
    cr_assert_leq(after, before + 40 * mib);
    zfree((void *)block);
}

Test(smaps, pid_minus_one_is_this_process)
{
    size_t by_self = zmalloc_get_smap_bytes_by_field("Rss:", -1);
    size_t by_pid = zmalloc_get_smap_bytes_by_field("Rss:", getpid());
    cr_assert_gt(by_self, 0);
    cr_assert_leq(by_pid, by_self + growth);
    cr_assert_leq(by_self, by_pid + growth);
}

/* Reads smaps line by line with stdio, a way that shares nothing with the library's. */
static size_t sum_by_hand(const char *format)
{
    FILE *smaps = fopen("/proc/self/smaps", "r");
    char *line = NULL;
    size_t capacity = 0, kibibytes;
    uint64_t sum = 0;
    while (getline(&line, &capacity, smaps) != -1)
        if (sscanf(line, format, &kibibytes) == 1)
            sum += (uint64_t)kibibytes * 1024;
    free(line);
    fclose(smaps);
    return sum > SIZE_MAX ? SIZE_MAX : (size_t)sum;
}

Test(smaps, fields_agree_with_a_line_by_line_sum)
{
    static const struct {
        const char *field, *format;
    } fields[] = {
        {"Rss:", "Rss: %zu kB"},
        {"Pss:", "Pss: %zu kB"},
        {"Private_Dirty:", "Private_Dirty: %zu kB"},
        {"Private_Clean:", "Private_Clean: %zu kB"},
        {"Anonymous:", "Anonymous: %zu kB"},
        /* smaps_rollup does not have this one. */
        {"Size:", "Size: %zu kB"},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t expected = sum_by_hand(fields[i].format);
        errno = 0;
        size_t sum = zmalloc_get_smap_bytes_by_field(fields[i].field, -1);
        cr_assert_eq(errno, 0, "%s", fields[i].field);
        size_t off = sum > expected ? sum - expected : expected - sum;
        cr_assert_leq(off, growth, "%s is %zu, by hand %zu", fields[i].field, sum, expected);
    }
}

Test(smaps, a_field_may_lack_its_colon)
{
    size_t with = zmalloc_get_smap_bytes_by_field("Anonymous:", -1);
    size_t without = zmalloc_get_smap_bytes_by_field("Anonymous", -1);
    cr_assert_gt(without, 0);
    cr_assert_leq(without, with + growth);
}

Test(smaps, a_field_that_is_not_there_is_enodata)
{
    static const char *const fields[] = {"Nonsense:", "Rs:", "ss:", "Private_:", "VmFlags:"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        errno = 0;
        cr_assert_eq(zmalloc_get_smap_bytes_by_field(fields[i], -1), 0, "%s", fields[i]);
        cr_assert_eq(errno, ENODATA, "%s", fields[i]);
    }
}

Test(smaps, a_field_or_pid_that_cannot_be_is_einval)
{
    static const char *const fields[] = {NULL, "", ":", "Rss: 4", "a:b:"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        errno = 0;
        cr_assert_eq(zmalloc_get_smap_bytes_by_field(fields[i], -1), 0);
        cr_assert_eq(errno, EINVAL);
    }
    for (long pid = -3; pid <= 0; pid++) {
        errno = 0;
        if (pid == -1)
            continue;
        cr_assert_eq(zmalloc_get_private_dirty(pid), 0);
        cr_assert_eq(errno, EINVAL);
        errno = 0;
        cr_assert_eq(zmalloc_get_smap_bytes_by_field("Rss:", pid), 0);
        cr_assert_eq(errno, EINVAL);
    }
}

/* A child that has written 16 MiB and waits to be killed. */
static pid_t dirty_child(void)
{
    int ready[2];
    char byte = 0;
    cr_assert_eq(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        volatile unsigned char *block = zmalloc(16 * mib);
        for (size_t i = 0; i < 16 * mib; i += 1024)
            block[i] = 1;
        if (write(ready[1], &byte, 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void reap(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

Test(smaps, a_child_by_pid)
{
    pid_t child = dirty_child();
    errno = 0;
    cr_assert_geq(zmalloc_get_private_dirty(child), 16 * mib);
    cr_assert_geq(zmalloc_get_smap_bytes_by_field("Rss:", child), 16 * mib);
    cr_assert_eq(errno, 0);
    reap(child);
}

Test(smaps, a_pid_that_is_gone)
{
    pid_t child = dirty_child();
    reap(child);
    int before = open_descriptors();
    errno = 0;
    cr_assert_eq(zmalloc_get_private_dirty(child), 0);
    cr_assert(errno == ENOENT || errno == ESRCH, "errno %d", errno);
    cr_assert_eq(open_descriptors(), before);
}

Test(smaps, a_pid_that_has_ended_but_was_not_waited_for)
{
    pid_t child = dirty_child();
    kill(child, SIGKILL);
    siginfo_t info;
    cr_assert_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    errno = 0;
    cr_assert_eq(zmalloc_get_private_dirty(child), 0);
    cr_assert_eq(errno, ESRCH);
    reap(child);
}

/* One may not read the smaps of another user's process. Who is no root may not become another user,
 * but may not read process 1 either. */
Test(smaps, a_pid_that_may_not_be_read)
{
    pid_t target = getuid() == 0 ? getpid() : 1;
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(2);
        errno = 0;
        size_t bytes = zmalloc_get_private_dirty(target);
        _exit(bytes == 0 && (errno == EACCES || errno == EPERM) ? 0 : 1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
}

Test(smaps, a_process_named_with_parentheses_and_spaces)
{
    size_t before = zmalloc_get_rss();
    cr_assert_eq(prctl(PR_SET_NAME, "a) b (c"), 0);
    size_t after = zmalloc_get_rss();
    cr_assert_gt(after, 0);
    cr_assert_leq(after, before + 2 * growth);
    cr_assert_leq(before, after + 2 * growth);
    cr_assert_gt(zmalloc_get_private_dirty(-1), 0);
}

Test(smaps, no_descriptor_stays_open)
{
    int before = open_descriptors();
    zmalloc_get_rss();
    zmalloc_get_private_dirty(-1);
    zmalloc_get_smap_bytes_by_field("Size:", -1);
    zmalloc_get_smap_bytes_by_field("Nonsense:", -1);
    zmalloc_get_memory_size();
    cr_assert_eq(open_descriptors(), before);
}

/* 10,000 mappings: neighbours must differ, or the kernel joins them. */
Test(smaps, many_mappings_are_summed_whole)
{
    enum { COUNT = 10000 };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = zmalloc_get_smap_bytes_by_field("Size:", -1);
    if (ZM_TEST_EMULATED && before == SIZE_MAX)
        return; /* the emulator's mappings, which 32 bits cannot count */
    char *area = mmap(NULL, COUNT * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(area, MAP_FAILED);
    for (size_t i = 0; i < COUNT; i += 2)
        cr_assert_eq(mprotect(area + i * page, page, PROT_NONE), 0);
    size_t after = zmalloc_get_smap_bytes_by_field("Size:", -1);
    const size_t emulators_own = ZM_TEST_EMULATED ? 16 * mib : 0;
    cr_assert_geq(after - before, COUNT * page);
    cr_assert_leq(after - before, COUNT * page + emulators_own);
}
