/* What the library says of itself, of its allocator and of the machine. */
#include <unistd.h>

#include "common.h"

Test(figures, versions_agree)
{
    char expected[32];
    snprintf(expected, sizeof expected, "%d.%d.%d", ZMALLOC_VERSION_MAJOR, ZMALLOC_VERSION_MINOR,
             ZMALLOC_VERSION_PATCH);
    cr_assert_str_eq(zmalloc_version(), expected);
    cr_assert_str_eq(ZMALLOC_VERSION_STRING, expected);
    cr_assert_str_eq(ZM_TEST_PROJECT_VERSION, expected);
}

Test(figures, lib_names_the_allocator_and_its_version)
{
    cr_assert_str_eq(zmalloc_lib(), ZM_TEST_LIB);
    cr_assert_str_eq(ZMALLOC_LIB, zmalloc_lib());
    cr_assert_eq(zmalloc_lib(), zmalloc_lib());
}

Test(figures, thread_safeness_may_be_asked_for)
{
    size_t before = zmalloc_used_memory();
    zmalloc_enable_thread_safeness();
    cr_assert_eq(zmalloc_used_memory(), before);
}

/* qemu-user shows /proc/self/statm as it is below it, in pages of x86, which on sparc64 are not the
 * program's. */
static size_t rss(void)
{
    size_t bytes = zmalloc_get_rss();
    return ZM_TEST_EMULATED ? bytes / (size_t)sysconf(_SC_PAGESIZE) * 4096 : bytes;
}

Test(figures, rss_follows_what_is_touched)
{
    const size_t n = (size_t)64 << 20;
    size_t before = rss();
    unsigned char *block = written_block(n);
    size_t after = rss();
    /* The kernel may count a page a cpu late. */
    const size_t late = (size_t)4 << 20;
    cr_assert_geq(after, before + n - late);
    cr_assert_leq(after, before + n + 4 * late);
    zfree(block);
}

Test(figures, rss_agrees_with_proc)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    size_t kibibytes = 0;
    while (fgets(line, sizeof line, status))
        sscanf(line, "VmRSS: %zu kB", &kibibytes);
    fclose(status);
    ptrdiff_t off = (ptrdiff_t)(rss() - kibibytes * 1024);
    cr_assert(off < (4 << 20) && off > -(4 << 20), "off by %td", off);
}

/* Of so much that what the kernel counts late, and the reading itself touches, is little. */
Test(figures, fragmentation_is_rss_over_used)
{
    const size_t n = (size_t)32 << 20;
    void *block = memset(zmalloc(n), 1, n);
    double expected = (double)zmalloc_get_rss() / (double)zmalloc_used_memory();
    double ratio = zmalloc_get_fragmentation_ratio();
    cr_assert(ratio > expected * 0.8 && ratio < expected * 1.25, "%f, expected about %f", ratio,
              expected);
    zfree(block);
}

Test(figures, fragmentation_is_zero_when_nothing_is_used)
{
    cr_assert_eq(zmalloc_used_memory(), 0);
    cr_assert(zmalloc_get_fragmentation_ratio() == 0);
}

Test(figures, the_memory_limit_is_no_more_than_the_machine_has)
{
    errno = EDOM;
    size_t limit = zmalloc_get_memory_limit();
    cr_assert(limit > 0 && limit <= zmalloc_get_memory_size(), "%zu", limit);
    cr_assert_eq(errno, EDOM);
}

Test(figures, memory_size_is_the_machines)
{
    errno = 0;
    size_t size = zmalloc_get_memory_size();
    uint64_t bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    cr_assert_eq(size, bytes > SIZE_MAX ? SIZE_MAX : (size_t)bytes);
    cr_assert_gt(size, (size_t)16 << 20);
    cr_assert_eq(errno, 0);
}
