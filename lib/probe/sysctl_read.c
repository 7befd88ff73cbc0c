#include "probe/sysctl_read.h"

#include <sys/types.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/sysctl.h>

int zm_sysctl_record(int *name, unsigned name_length, void *record, size_t size)
{
    size_t length = size;
    if (sysctl(name, name_length, record, &length, NULL, 0) != 0)
        return -1;
    if (length != size) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

/* Some of these figures are an int, some an unsigned long, some 64 bits everywhere: the kernel says
 * by the length which it is. */
int zm_sysctl_hardware(int which, size_t *bytes)
{
    int name[] = {CTL_HW, which};
    uint64_t wide;
    size_t length = sizeof wide;
    if (sysctl(name, 2, &wide, &length, NULL, 0) != 0)
        return -1;
    if (length == sizeof(uint32_t)) {
        uint32_t narrow;
        memcpy(&narrow, &wide, sizeof narrow);
        wide = narrow;
    } else if (length != sizeof wide) {
        errno = EINVAL;
        return -1;
    }
    *bytes = wide < SIZE_MAX ? (size_t)wide : SIZE_MAX;
    return 0;
}
