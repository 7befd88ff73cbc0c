/* Linux's list of this process's mappings. */
#include "probe.h"
#include "probe/proc_file.h"

int zm_probe_mappings(void (*write)(void *context, const char *text, size_t length), void *context)
{
    char text[ZM_BUFFER_SIZE];
    int fd = zm_open_file("/proc/self/maps");
    ssize_t got;
    if (fd == -1)
        return -1;
    while ((got = zm_read_some(fd, text, sizeof text)) > 0)
        write(context, text, (size_t)got);
    zm_close_file(fd);
    return got == 0 ? 0 : -1;
}
