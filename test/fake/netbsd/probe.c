/* lib/probe/netbsd.c against a sysctl that answers as NetBSD does. Every other byte of the record
 * is set, so that a neighbour of the resident size cannot pass for it. */

#include <string.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include "fake_sysctl.h"
#include "no_smaps.h"

int main(void)
{
    struct kinfo_proc2 self;
    memset(&self, 0x5a, sizeof self);
    self.p_vm_rssize = 12345;
    const int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, getpid(), (int)sizeof self, 1};
    expect_rss_of_record(name, sizeof name / sizeof *name, &self, sizeof self, 12345);
    expect_memory_of_hardware(HW_PHYSMEM64);
    expect_no_smaps();
    return 0;
}
