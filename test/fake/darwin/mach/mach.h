/* Stands in for macOS's <mach/mach.h>: the figures of a task. */
#ifndef FAKE_MACH_MACH_H
#define FAKE_MACH_MACH_H

#include <stdint.h>

#define KERN_SUCCESS 0
#define KERN_INVALID_ARGUMENT 4
#define MACH_TASK_BASIC_INFO 20

typedef int kern_return_t;
typedef unsigned natural_t;
typedef int integer_t;
typedef natural_t task_name_t;
typedef natural_t task_flavor_t;
typedef natural_t mach_msg_type_number_t;
typedef integer_t *task_info_t;

#pragma pack(push, 4)
typedef struct mach_task_basic_info {
    uint64_t virtual_size;
    uint64_t resident_size;
    uint64_t resident_size_max;
    integer_t user_time[2];
    integer_t system_time[2];
    int policy;
    integer_t suspend_count;
} mach_task_basic_info_data_t;
#pragma pack(pop)

#define MACH_TASK_BASIC_INFO_COUNT (sizeof(mach_task_basic_info_data_t) / sizeof(natural_t))

extern natural_t mach_task_self_;
#define mach_task_self() mach_task_self_

kern_return_t task_info(task_name_t task, task_flavor_t flavor, task_info_t info,
                        mach_msg_type_number_t *count);

#endif
