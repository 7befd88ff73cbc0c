/* Stands in for macOS's <sys/sysctl.h>: what lib/probe uses of it, by its own numbers. */
#ifndef FAKE_SYS_SYSCTL_H
#define FAKE_SYS_SYSCTL_H

#include <sys/types.h>

#define CTL_HW 6
#define HW_PHYSMEM 5
#define HW_MEMSIZE 24

typedef int fake_name;
typedef void fake_new_value;

int sysctl(int *name, u_int name_length, void *old, size_t *old_length, void *new_value,
           size_t new_length);

#endif
