/* Haiku: areas. Its status codes are values of errno. */
#include <OS.h>
#include <errno.h>
#include <stdint.h>

#include "probe.h"

/* A team has at least one area, so that the first call tells whether asking works, and any later
 * failure is the end of the list. The kernel cuts an area's figure to 32 bits. */
int zm_probe_rss(size_t *bytes)
{
    area_info area;
    ssize_t cookie = 0;
    size_t resident = 0;
    status_t status = get_next_area_info(B_CURRENT_TEAM, &cookie, &area);
    if (status != B_OK) {
        errno = status;
        return -1;
    }
    do
        resident += area.ram_size;
    while (get_next_area_info(B_CURRENT_TEAM, &cookie, &area) == B_OK);
    *bytes = resident;
    return 0;
}

int zm_probe_memory_size(size_t *bytes)
{
    system_info machine;
    status_t status = get_system_info(&machine);
    if (status != B_OK) {
        errno = status;
        return -1;
    }
    uint64_t pages = machine.max_pages;
    *bytes = pages < SIZE_MAX / B_PAGE_SIZE ? (size_t)pages * B_PAGE_SIZE : SIZE_MAX;
    return 0;
}
