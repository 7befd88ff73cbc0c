/* Reading sysctl(3), the same way on every system that has it. */
#ifndef ZM_SYSCTL_READ_H
#define ZM_SYSCTL_READ_H

#include <stddef.h>

/* Fills the record that has this name. 0, or -1 with errno set: EINVAL where the kernel's record
 * has another size than the one this was built with. */
int zm_sysctl_record(int *name, unsigned name_length, void *record, size_t size);

/* A figure of CTL_HW, in bytes; one that size_t cannot hold counts as SIZE_MAX. As above. */
int zm_sysctl_hardware(int which, size_t *bytes);

#endif
