/* Stands in for Haiku's <OS.h>: areas, and the figures of the machine. */
#ifndef FAKE_OS_H
#define FAKE_OS_H

#include <stdint.h>
#include <sys/types.h>

#define B_OK 0
#define B_BAD_TEAM_ID (-2147479293)
#define B_ENTRY_NOT_FOUND (-2147459069)
#define B_CURRENT_TEAM 0
#define B_PAGE_SIZE 4096
#define B_OS_NAME_LENGTH 32

typedef int32_t area_id;
typedef int32_t team_id;
typedef int32_t status_t;

typedef struct area_info {
    area_id area;
    char name[B_OS_NAME_LENGTH];
    size_t size;
    uint32_t lock;
    uint32_t protection;
    team_id team;
    uint32_t ram_size;
    uint32_t copy_count;
    uint32_t in_count;
    uint32_t out_count;
    void *address;
} area_info;

typedef struct {
    uint32_t cpu_count;
    uint64_t max_pages;
    uint64_t used_pages;
    uint64_t free_memory;
} system_info;

status_t _get_next_area_info(team_id team, ssize_t *cookie, area_info *info, size_t size);
#define get_next_area_info(team, cookie, info)                                                     \
    _get_next_area_info((team), (cookie), (info), sizeof(*(info)))

status_t get_system_info(system_info *info);

#endif
