/* macOS: the Mach task for this process, libproc's regions for any, sysctl for the machine. */
#include <sys/types.h>

#include <errno.h>
#include <libproc.h>
#include <limits.h>
#include <mach/mach.h>
#include <stdint.h>
#include <string.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include "probe.h"
#include "probe/sysctl_read.h"

/* Mach has its own error numbers, of which errno has no like. */
int zm_probe_rss(size_t *bytes)
{
    mach_task_basic_info_data_t self;
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&self, &count)
        != KERN_SUCCESS) {
        errno = EIO;
        return -1;
    }
    *bytes = (size_t)self.resident_size;
    return 0;
}

typedef uint32_t region_pages(const struct proc_regioninfo *region);

static uint32_t resident(const struct proc_regioninfo *region)
{
    return region->pri_pages_resident;
}

/* A copy-on-write region lies on pages that a parent, a child or a file has too, dirty ones among
 * them. Those that were copied for this process are in its top object, which nobody shares. */
static uint32_t private_dirty(const struct proc_regioninfo *region)
{
    switch (region->pri_share_mode) {
    case SM_PRIVATE:
    case SM_PRIVATE_ALIASED:
        return region->pri_pages_dirtied;
    case SM_COW:
        return region->pri_pages_dirtied < region->pri_private_pages_resident
                   ? region->pri_pages_dirtied
                   : region->pri_private_pages_resident;
    default:
        return 0;
    }
}

static uint32_t shared_dirty(const struct proc_regioninfo *region)
{
    return region->pri_pages_dirtied - private_dirty(region);
}

/* Pages in the compressor count as swapped out, wherever it keeps them. */
static uint32_t swapped_out(const struct proc_regioninfo *region)
{
    return region->pri_pages_swapped_out;
}

/* The fields of Linux's smaps that a region of macOS tells, in the meaning they have there. */
static const struct {
    const char *name;
    region_pages *pages;
} fields[] = {
    {"Rss", resident},
    {"Private_Dirty", private_dirty},
    {"Shared_Dirty", shared_dirty},
    {"Swap", swapped_out},
};

/* The kernel gives the region at an address or the next one above it, and past the last one says
 * EINVAL. A page is what this process calls one. */
static int sum_regions(long pid, region_pages *pages_of, size_t *bytes)
{
    if (pid > INT_MAX) {
        errno = ESRCH;
        return -1;
    }
    int process = pid == -1 ? getpid() : (int)pid;
    uint64_t address = 0;
    uint64_t pages = 0;
    struct proc_regioninfo region;
    while (proc_pidinfo(process, PROC_PIDREGIONINFO, address, &region, sizeof region)
           == (int)sizeof region) {
        pages += pages_of(&region);
        address = region.pri_address + region.pri_size;
    }
    if (errno != EINVAL || address == 0)
        return -1;
    *bytes = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
    return 0;
}

int zm_probe_smaps_field(const char *field, size_t length, long pid, size_t *bytes)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strlen(fields[i].name) == length && memcmp(fields[i].name, field, length) == 0)
            return sum_regions(pid, fields[i].pages, bytes);
    errno = ENODATA;
    return -1;
}

int zm_probe_private_dirty(long pid, size_t *bytes)
{
    return sum_regions(pid, private_dirty, bytes);
}

int zm_probe_memory_size(size_t *bytes)
{
    return zm_sysctl_hardware(HW_MEMSIZE, bytes);
}
