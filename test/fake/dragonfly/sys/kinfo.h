/* Stands in for DragonFly BSD's <sys/kinfo.h>: neighbours of the resident size, in their order.
 * Like the real one it must come before anything that includes <sys/types.h>. */
#ifndef FAKE_SYS_KINFO_H
#define FAKE_SYS_KINFO_H

#ifdef _SYS_TYPES_H
#error "<sys/kinfo.h> must be included before <sys/types.h>"
#endif

#include <stdint.h>
#include <sys/types.h>

typedef intptr_t segsz_t;

struct kinfo_proc {
    pid_t kp_pid;
    size_t kp_vm_map_size; /* bytes */
    segsz_t kp_vm_rssize;  /* pages */
    segsz_t kp_vm_swrss;
    segsz_t kp_vm_tsize;
};

#endif
