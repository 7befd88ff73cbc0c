/* Stands in for <procfs.h> of Solaris and illumos: neighbours of the resident size, in their order.
 */
#ifndef FAKE_PROCFS_H
#define FAKE_PROCFS_H

/* The real one minds only in a 32-bit program. */
#ifdef _FILE_OFFSET_BITS
#error "Cannot use procfs in the large file compilation environment"
#endif

#include <stddef.h>
#include <sys/types.h>

typedef struct psinfo {
    int pr_flag;
    int pr_nlwp;
    pid_t pr_pid;
    size_t pr_size;   /* kilobytes */
    size_t pr_rssize; /* kilobytes */
    size_t pr_pad1;
    char pr_fname[16];
} psinfo_t;

#endif
