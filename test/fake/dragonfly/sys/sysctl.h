/* Stands in for DragonFly BSD's <sys/sysctl.h>: what lib/probe uses of it, by its own numbers. */
#ifndef FAKE_SYS_SYSCTL_H
#define FAKE_SYS_SYSCTL_H

#include <sys/types.h>

#define CTL_KERN 1
#define CTL_HW 6
#define KERN_PROC 14
#define KERN_PROC_PID 1
#define HW_PHYSMEM 5

typedef const int fake_name;
typedef const void fake_new_value;

int sysctl(const int *name, u_int name_length, void *old, size_t *old_length, const void *new_value,
           size_t new_length);

#endif
