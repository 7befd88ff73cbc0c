/* lib/probe/darwin.c against a task and the regions of one process, which lie in this file. */
#include <errno.h>
#include <libproc.h>
#include <limits.h>
#include <mach/mach.h>
#include <string.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include "expect.h"
#include "fake_sysconf.h"
#include "fake_sysctl.h"
#include "probe.h"

/* One of each share mode, neighbours and apart, and the first not at address 0. Each figure has its
 * own digit for each region, so that a sum tells which regions are in it. The second that is copied
 * on write has more private pages than dirty ones, and more resident ones than 32 bits can add to.
 */
#define REGION(mode, at, length, digit)                                                            \
    {                                                                                              \
        .pri_share_mode = mode, .pri_address = at, .pri_size = length,                             \
        .pri_pages_resident = 4 * (digit), .pri_pages_dirtied = 3 * (digit),                       \
        .pri_private_pages_resident = 2 * (digit), .pri_pages_swapped_out = (digit),               \
        .pri_shared_pages_resident = 5 * (digit), .pri_pages_shared_now_private = 6 * (digit),     \
        .pri_ref_count = 7, .pri_obj_id = 7                                                        \
    }
static const struct proc_regioninfo regions[] = {
    REGION(SM_PRIVATE, 0x1000, 0x4000, 1),
    REGION(SM_COW, 0x5000, 0x4000, 10),
    REGION(SM_EMPTY, 0x10000, 0x1000, 0),
    REGION(SM_SHARED, 0x20000, 0x8000, 100),
    REGION(SM_TRUESHARED, 0x28000, 0x8000, 1000),
    REGION(SM_PRIVATE_ALIASED, 0x40000, 0x8000, 10000),
    {.pri_share_mode = SM_COW,
     .pri_address = 0x50000,
     .pri_size = 0x1000,
     .pri_pages_resident = UINT32_MAX,
     .pri_pages_dirtied = 1000000,
     .pri_private_pages_resident = 2000000,
     .pri_pages_swapped_out = 1000000},
    REGION(SM_SHARED_ALIASED, 0x7fff00000000, 0x8000, 100000),
};
#define REGIONS (sizeof regions / sizeof *regions)

static int expected_pid;
static size_t regions_told = REGIONS; /* asking for one more fails with... */
static int error_after = EINVAL;
static uint64_t end_of_last;

/* As the kernel: the region at the address, or the next one above. */
int proc_pidinfo(int pid, int flavor, uint64_t argument, void *buffer, int buffer_size)
{
    expect_equal(pid, expected_pid);
    expect_equal(flavor, PROC_PIDREGIONINFO);
    expect_equal(buffer_size, sizeof(struct proc_regioninfo));
    expect(argument == 0 || argument == end_of_last);
    for (size_t i = 0; i < regions_told; i++) {
        if (regions[i].pri_address + regions[i].pri_size <= argument)
            continue;
        memcpy(buffer, &regions[i], sizeof regions[i]);
        end_of_last = regions[i].pri_address + regions[i].pri_size;
        return (int)sizeof regions[i];
    }
    errno = error_after;
    return 0;
}

natural_t mach_task_self_ = 515;
static kern_return_t task_status = KERN_SUCCESS;

kern_return_t task_info(task_name_t task, task_flavor_t flavor, task_info_t info,
                        mach_msg_type_number_t *count)
{
    mach_task_basic_info_data_t told;
    expect_equal(task, 515);
    expect_equal(flavor, MACH_TASK_BASIC_INFO);
    expect_equal(*count, sizeof told / sizeof(natural_t));
    memset(&told, 0x5a, sizeof told);
    told.resident_size = 123456789;
    if (task_status == KERN_SUCCESS)
        memcpy(info, &told, sizeof told);
    return task_status;
}

static int field_of(const char *field, long pid, size_t *bytes)
{
    expected_pid = pid == -1 ? getpid() : (int)pid;
    return zm_probe_smaps_field(field, strlen(field), pid, bytes);
}

static void expect_field(const char *field, long pid, size_t pages)
{
    size_t bytes = 0;
    expect_equal(field_of(field, pid, &bytes), 0);
    expect_equal(bytes, pages * FAKE_PAGE_SIZE);
}

static void expect_field_error(const char *field, long pid, int wanted)
{
    size_t bytes = 7;
    errno = 0;
    expect_equal(field_of(field, pid, &bytes), -1);
    expect_equal(errno, wanted);
    expect_equal(bytes, 7);
}

static void check_rss(void)
{
    size_t bytes = 7;
    errno = 0;
    task_status = KERN_INVALID_ARGUMENT;
    expect_equal(zm_probe_rss(&bytes), -1);
    expect_equal(errno, EIO);
    expect_equal(bytes, 7);
    task_status = KERN_SUCCESS;
    expect_equal(zm_probe_rss(&bytes), 0);
    expect_equal(bytes, 123456789);
}

/* Of the private regions all that is dirty; of copy-on-write ones what is private as well. */
static void check_fields(void)
{
    size_t bytes = 0;
    expect_field("Rss", -1, (size_t)UINT32_MAX + 444444);
    expect_field("Swap", -1, 1111111);
    expect_field("Private_Dirty", -1, 1030023);
    expect_field("Shared_Dirty", -1, 303310);
    expect_field("Private_Dirty", 4711, 1030023);
    expected_pid = getpid();
    expect_equal(zm_probe_private_dirty(-1, &bytes), 0);
    expect_equal(bytes, 1030023 * (size_t)FAKE_PAGE_SIZE);
    expected_pid = 4711;
    expect_equal(zm_probe_private_dirty(4711, &bytes), 0);
    expect_equal(bytes, 1030023 * (size_t)FAKE_PAGE_SIZE);
    expected_pid = getpid();
    expect_equal(zm_probe_smaps_field("Rss:", 3, -1, &bytes), 0);
    expect_equal(bytes, ((size_t)UINT32_MAX + 444444) * FAKE_PAGE_SIZE);
}

static void check_field_errors(void)
{
    expect_field_error("Pss", -1, ENODATA);
    expect_field_error("Rs", -1, ENODATA);
    expect_field_error("Rsss", -1, ENODATA);
    if (LONG_MAX > INT_MAX)
        expect_field_error("Rss", LONG_MAX, ESRCH);
    /* Gone before the first region, gone in the middle, and somebody else's. */
    error_after = ESRCH;
    regions_told = 0;
    expect_field_error("Rss", 4711, ESRCH);
    regions_told = 3;
    expect_field_error("Private_Dirty", 4711, ESRCH);
    error_after = EPERM;
    regions_told = 0;
    expect_field_error("Rss", 1, EPERM);
    /* A process that has no region at all cannot be: not a sum of 0. */
    error_after = EINVAL;
    expect_field_error("Rss", 4711, EINVAL);
}

int main(void)
{
    check_rss();
    check_fields();
    check_field_errors();
    expect_memory_of_hardware(HW_MEMSIZE);
    return 0;
}
