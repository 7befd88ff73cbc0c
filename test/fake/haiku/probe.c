/* lib/probe/haiku.c against three areas, one of them of the largest size the kernel can tell. */
#include <OS.h>
#include <string.h>

#include "no_smaps.h"

static const uint32_t ram_sizes[] = {3 * 4096, UINT32_MAX - 4095, 5 * 4096};
#define AREAS ((ssize_t)(sizeof ram_sizes / sizeof *ram_sizes))

static status_t team_status = B_OK;
static status_t machine_status = B_OK;
static uint64_t machine_pages;

status_t _get_next_area_info(team_id team, ssize_t *cookie, area_info *info, size_t size)
{
    expect_equal(team, B_CURRENT_TEAM);
    expect_equal(size, sizeof *info);
    expect(*cookie >= 0 && *cookie <= AREAS);
    if (team_status != B_OK)
        return team_status;
    if (*cookie == AREAS)
        return B_ENTRY_NOT_FOUND;
    memset(info, 0x5a, sizeof *info);
    info->ram_size = ram_sizes[(*cookie)++];
    return B_OK;
}

status_t get_system_info(system_info *info)
{
    if (machine_status != B_OK)
        return machine_status;
    memset(info, 0x5a, sizeof *info);
    info->max_pages = machine_pages;
    return B_OK;
}

static void expect_errors(void)
{
    size_t bytes = 7;
    team_status = machine_status = B_BAD_TEAM_ID;
    errno = 0;
    expect_equal(zm_probe_rss(&bytes), -1);
    expect_equal(errno, B_BAD_TEAM_ID);
    errno = 0;
    expect_equal(zm_probe_memory_size(&bytes), -1);
    expect_equal(errno, B_BAD_TEAM_ID);
    expect_equal(bytes, 7);
}

int main(void)
{
    size_t bytes = 0;
    expect_equal(zm_probe_rss(&bytes), 0);
    expect_equal(bytes, (size_t)ram_sizes[0] + ram_sizes[1] + ram_sizes[2]);

    machine_pages = 12345;
    expect_equal(zm_probe_memory_size(&bytes), 0);
    expect_equal(bytes, 12345 * B_PAGE_SIZE);
    machine_pages = UINT64_MAX;
    expect_equal(zm_probe_memory_size(&bytes), 0);
    expect_equal(bytes, SIZE_MAX);

    expect_errors();
    expect_no_smaps();
    return 0;
}
