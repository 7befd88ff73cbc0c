#include "scenarios.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "proc.h"
#include "seccomp.h"

static const char *nothing_missing(void)
{
    return NULL;
}

static void limit(int resource, rlim_t to)
{
    const struct rlimit limits = {to, to};
    require(setrlimit(resource, &limits) == 0, "setrlimit: %s", strerror(errno));
}

/* The limit holds for the stack as well, which must have grown before. */
static void grow_stack(void)
{
    volatile char pages[256 * 1024];
    for (size_t i = 0; i < sizeof pages; i += 1024)
        pages[i] = 0;
}

static const char *no_address_space(void)
{
    grow_stack();
    limit(RLIMIT_AS, 0);
    return NULL;
}

/* As `ulimit -v` left it before the program was loaded. What is printed tells ulimit.sh that the
 * program came so far. */
static const char *little_address_space(void)
{
    struct rlimit limits;
    grow_stack();
    if (getrlimit(RLIMIT_AS, &limits) != 0 || limits.rlim_cur >= LARGE)
        return "its address space is not limited: call ulimit.sh.";
    require(write(STDOUT_FILENO, "entered\n", 8) == 8, "write: %s", strerror(errno));
    return NULL;
}

/* 1, because Linux takes 0 for no limit. Covers what is mapped to be written, but no stack. */
static const char *no_data(void)
{
    limit(RLIMIT_DATA, 1);
    return NULL;
}

static void *start_of_thread(void *unused)
{
    return unused;
}

/* Root may have as many processes as it likes, and under any name that a user namespace gives it.
 */
static const char *no_threads(void)
{
    pthread_t thread;
    const char *reason = become_nobody();
    if (reason)
        return reason;
    limit(RLIMIT_NPROC, 0);
    int error = pthread_create(&thread, NULL, start_of_thread, NULL);
    if (error == 0)
        pthread_join(thread, NULL);
    return error == EAGAIN ? NULL : "a limit on processes does not bind this user.";
}

static const char *no_descriptors(void)
{
    limit(RLIMIT_NOFILE, 64);
    while (dup(STDERR_FILENO) != -1)
        continue;
    return errno == EMFILE ? NULL : strerror(errno);
}

static const char *no_keys(void)
{
    pthread_key_t key;
    while (pthread_key_create(&key, NULL) == 0)
        continue;
    return NULL;
}

static const char *nothing_at_all(void)
{
    no_keys();
    const char *reason = no_descriptors();
    if (!reason)
        reason = no_threads();
    if (!reason)
        reason = no_address_space();
    return reason;
}

static const char *root_without_proc(void)
{
    char folder[] = "/tmp/exhaustion-XXXXXX";
    require(mkdtemp(folder), "mkdtemp: %s", strerror(errno));
    require(chdir(folder) == 0 && rmdir(folder) == 0, "%s: %s", folder, strerror(errno));
    return chroot(".") == 0 ? NULL : "only root may change the root folder.";
}

const struct scenario scenarios[] = {
    {"nothing-missing", nothing_missing, {.no_memory = false}, false},
    {"no-address-space", no_address_space, {.no_memory = true}, false},
    {"little-address-space", little_address_space, {.no_memory = true}, false},
    {"no-data", no_data, {.no_memory = true}, false},
    {"no-threads", no_threads, {.parents_errno = BY_OWNER}, false},
    {"no-descriptors", no_descriptors, {false, EMFILE, EMFILE, EMFILE}, false},
    {"no-keys", no_keys, {.no_memory = false}, false},
    {"nothing-at-all", nothing_at_all, {true, EMFILE, EMFILE, EMFILE}, false},
    {"proc-not-mounted", proc_not_mounted, {false, ENOENT, ENOENT, ENOENT}, false},
    {"proc-unreadable", proc_unreadable, {false, EACCES, EACCES, EACCES}, false},
    {"proc-hides-others", proc_hides_others, {.parents_errno = ENOENT}, false},
    {"proc-of-folders", proc_of_folders, {false, EISDIR, EISDIR, ENOENT}, false},
    {"proc-of-empty-files", proc_of_empty_files, {false, EINVAL, ESRCH, ENOENT}, false},
    {"chroot", root_without_proc, {false, ENOENT, ENOENT, ENOENT}, false},
    {"open-denied", open_denied, {false, EPERM, EPERM, EPERM}, false},
    {"read-denied", read_denied, {false, EIO, EIO, EIO}, false},
    {"open-kills", open_kills, {.no_memory = false}, true},
    {0},
};
