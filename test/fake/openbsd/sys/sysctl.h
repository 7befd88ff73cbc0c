/* Stands in for OpenBSD's <sys/sysctl.h>: what lib/probe uses of it, by its own numbers; of the
 * record neighbours of the resident size, in their order. */
#ifndef FAKE_SYS_SYSCTL_H
#define FAKE_SYS_SYSCTL_H

#include <stdint.h>
#include <sys/types.h>

#define CTL_KERN 1
#define CTL_HW 6
#define KERN_PROC 66
#define KERN_PROC_PID 1
#define HW_PHYSMEM 5
#define HW_PHYSMEM64 19

struct kinfo_proc {
    int32_t p_pid;
    char p_login[32];
    int32_t p_vm_rssize; /* pages */
    int32_t p_vm_tsize;
    int32_t p_vm_dsize;
    int32_t p_vm_ssize;
};

typedef const int fake_name;
typedef void fake_new_value;

int sysctl(const int *name, u_int name_length, void *old, size_t *old_length, void *new_value,
           size_t new_length);

#endif
