/* Stands in for FreeBSD's <sys/user.h>: neighbours of the resident size, in their order. */
#ifndef FAKE_SYS_USER_H
#define FAKE_SYS_USER_H

#include <stdint.h>
#include <sys/types.h>

typedef intptr_t segsz_t;

struct kinfo_proc {
    int ki_structsize;
    pid_t ki_pid;
    size_t ki_size;    /* bytes */
    segsz_t ki_rssize; /* pages */
    segsz_t ki_swrss;
    segsz_t ki_tsize;
};

#endif
