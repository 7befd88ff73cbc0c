/* Situations made of a filter of system calls. Each returns NULL, or the reason why it cannot be
 * had. */
#ifndef SECCOMP_H
#define SECCOMP_H

/* Each open fails with EPERM. */
const char *open_denied(void);

/* Each read fails with EIO. */
const char *read_denied(void);

/* Each open ends the process. */
const char *open_kills(void);

/* No memory is taken back: madvise, munmap and mremap fail with EINVAL. */
const char *giving_back_denied(void);

#endif
