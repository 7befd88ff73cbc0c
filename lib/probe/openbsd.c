/* OpenBSD: sysctl. KERN_PROC answers with as much of the record as the caller was built with. A
 * program under pledge(2) needs the promise "ps" for both figures, or the kernel ends it. */
#include <sys/types.h>

#include <sys/sysctl.h>
#include <unistd.h>

#include "probe.h"
#include "probe/sysctl_read.h"

int zm_probe_rss(size_t *bytes)
{
    struct kinfo_proc self;
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid(), (int)sizeof self, 1};
    if (zm_sysctl_record(name, 6, &self, sizeof self) != 0)
        return -1;
    *bytes = (size_t)self.p_vm_rssize * (size_t)sysconf(_SC_PAGESIZE);
    return 0;
}

int zm_probe_memory_size(size_t *bytes)
{
    return zm_sysctl_hardware(HW_PHYSMEM64, bytes);
}
