#include "seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef SYS_open /* newer architectures have openat alone */
#define SYS_open SYS_openat
#endif
#ifndef SYS_openat2
#define SYS_openat2 SYS_openat
#endif

/* The process uses the system calls of one architecture: the filter need not ask which. */
static const char *filter_three(unsigned first, unsigned second, unsigned third, unsigned action)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, third, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, action),
    };
    const struct sock_fprog filter = {sizeof program / sizeof *program, program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
        return "the system has no filters of system calls.";
    return NULL;
}

static const char *filter_open(unsigned action)
{
    return filter_three(SYS_open, SYS_openat, SYS_openat2, action);
}

const char *open_denied(void)
{
    return filter_open(SECCOMP_RET_ERRNO | EPERM);
}

const char *read_denied(void)
{
    return filter_three(SYS_read, SYS_pread64, SYS_readv, SECCOMP_RET_ERRNO | EIO);
}

const char *open_kills(void)
{
    return filter_open(SECCOMP_RET_KILL_PROCESS);
}

const char *giving_back_denied(void)
{
    return filter_three(SYS_madvise, SYS_munmap, SYS_mremap, SECCOMP_RET_ERRNO | EINVAL);
}
