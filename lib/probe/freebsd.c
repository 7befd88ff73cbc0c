/* FreeBSD: sysctl. */
#include <sys/types.h>

#include <sys/sysctl.h>
#include <sys/user.h>
#include <unistd.h>

#include "probe.h"
#include "probe/sysctl_read.h"

int zm_probe_rss(size_t *bytes)
{
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid()};
    struct kinfo_proc self;
    if (zm_sysctl_record(name, 4, &self, sizeof self) != 0)
        return -1;
    *bytes = (size_t)self.ki_rssize * (size_t)sysconf(_SC_PAGESIZE);
    return 0;
}

int zm_probe_memory_size(size_t *bytes)
{
    return zm_sysctl_hardware(HW_PHYSMEM, bytes);
}
