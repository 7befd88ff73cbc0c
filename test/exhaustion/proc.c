#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { NOBODY = 54321 }; /* no one's, so that no other process counts against its limits */

const char *become_nobody(void)
{
    if (geteuid() != 0)
        return NULL;
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0
        || setresuid(NOBODY, NOBODY, NOBODY) != 0)
        return "root may not become another user here.";
    return NULL;
}

/* Mounts are this process's own from here on. */
static const char *leave_mount_namespace(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return "only root may have mounts of its own.";
    return NULL;
}

static const char *mount_over_proc(const char *type, const char *options)
{
    const char *reason = leave_mount_namespace();
    if (reason)
        return reason;
    return mount("none", "/proc", type, 0, options) == 0 ? NULL : "nothing may be mounted here.";
}

const char *proc_not_mounted(void)
{
    const char *reason = leave_mount_namespace();
    if (reason)
        return reason;
    while (umount2("/proc", MNT_DETACH) == 0)
        continue;
    return errno == EINVAL ? NULL : "/proc may not be unmounted here.";
}

const char *proc_unreadable(void)
{
    const char *reason = mount_over_proc("tmpfs", "mode=0");
    return reason ? reason : become_nobody();
}

const char *proc_hides_others(void)
{
    const char *reason = mount_over_proc("proc", "hidepid=2");
    return reason ? reason : become_nobody();
}

static int make_folder(const char *path)
{
    return mkdir(path, 0755);
}

static int make_empty_file(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0644);
    return fd == -1 ? -1 : close(fd);
}

static const char *proc_made_of(int (*make)(const char *path))
{
    static const char *const names[] = {"stat", "statm", "smaps", "smaps_rollup"};
    const char *reason = mount_over_proc("tmpfs", "mode=755");
    if (reason)
        return reason;
    char own[32], path[64];
    snprintf(own, sizeof own, "/proc/%ld", (long)getpid());
    require(mkdir(own, 0755) == 0 && symlink(own, "/proc/self") == 0
                && symlink(own, "/proc/thread-self") == 0,
            "%s: %s", own, strerror(errno));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", own, names[i]);
        require(make(path) == 0, "%s: %s", path, strerror(errno));
    }
    return NULL;
}

const char *proc_of_folders(void)
{
    return proc_made_of(make_folder);
}

const char *proc_of_empty_files(void)
{
    return proc_made_of(make_empty_file);
}
