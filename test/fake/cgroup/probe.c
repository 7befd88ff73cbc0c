/* The limit that control groups set, over /proc and group files that are not this machine's. The
 * texts follow cgroups(7), proc(5) and the kernel's admin-guide/cgroup-v1/memory.rst. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "open_text.h"
#include "probe.h"

/* What the probe calls for open(). */
int fake_open(const char *path, int flags, ...);

#define MIB ((size_t)1 << 20)
#define NONE SIZE_MAX

/* Mounts, as /proc/self/mountinfo has them. */
#define ROOT_FS "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
#define V2_AT(root, point)                                                                         \
    ROOT_FS "30 23 0:26 " root " " point " rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 "    \
            "cgroup2 rw,nsdelegate\n"
#define V2 V2_AT("/", "/sys/fs/cgroup")
#define V1_AT(root, point)                                                                         \
    ROOT_FS "31 23 0:27 / /sys/fs/cgroup/cpu rw,nosuid shared:5 - cgroup cgroup rw,cpu,cpuacct\n"  \
            "32 23 0:28 " root " " point " rw,nosuid shared:6 - cgroup cgroup rw,memory\n"
#define V1 V1_AT("/", "/sys/fs/cgroup/memory")
#define V1_UNLIMITED "9223372036854771712\n"

#define POD "/kubepods/burstable/pod1b2c/"

static const struct scenario {
    const char *name, *cgroup, *mountinfo;
    struct {
        const char *path, *text;
    } files[5];
    size_t limit;
} scenarios[] = {
    {"no control groups", NULL, NULL, {{0}}, NONE},
    {"mounted nowhere", "0::/\n", ROOT_FS, {{0}}, NONE},
    {"v2, the root group, which has no file", "0::/\n", V2, {{0}}, NONE},
    {"v2, a group of its own",
     "0::/a\n",
     V2,
     {{"/sys/fs/cgroup/a/memory.max", "104857600\n"}},
     100 * MIB},
    {"v2, max", "0::/a\n", V2, {{"/sys/fs/cgroup/a/memory.max", "max\n"}}, NONE},
    {"v2, a group that is gone", "0::/a (deleted)\n", V2, {{0}}, NONE},
    {"v2, the least is in the middle",
     "0::/a/b/c\n",
     V2,
     {{"/sys/fs/cgroup/a/b/c/memory.max", "max\n"},
      {"/sys/fs/cgroup/a/b/memory.max", "52428800\n"},
      {"/sys/fs/cgroup/a/memory.max", "104857600\n"}},
     50 * MIB},
    {"v2, the group itself is mounted too, before all",
     "0::/a/b\n",
     "29 23 0:26 /a/b /mnt rw shared:4 - cgroup2 cgroup2 rw\n" V2,
     {{"/sys/fs/cgroup/a/memory.max", "52428800\n"}},
     50 * MIB},
    {"v2, the least is in the group",
     "0::/a/b\n",
     V2,
     {{"/sys/fs/cgroup/a/b/memory.max", "1048576\n"},
      {"/sys/fs/cgroup/a/memory.max", "104857600\n"}},
     MIB},
    {"systemd, a service in a slice with the limit",
     "0::/system.slice/database.service\n",
     V2,
     {{"/sys/fs/cgroup/system.slice/database.service/memory.max", "max\n"},
      {"/sys/fs/cgroup/system.slice/memory.max", "8589934592\n"}},
     sizeof(size_t) == 4 ? NONE : (size_t)(8192ULL * MIB)},
    {"systemd, a user's session, no controller in the deepest group",
     "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run.scope\n",
     V2,
     {{"/sys/fs/cgroup/user.slice/user-1000.slice/memory.max", "2097152\n"}},
     2 * MIB},
    {"Docker v2, a namespace that shows \"/\": the mount has the limit",
     "0::/\n",
     V2,
     {{"/sys/fs/cgroup/memory.max", "268435456\n"}},
     256 * MIB},
    {"Docker v2 without a namespace: the mount's root is the group",
     "0::/system.slice/docker-12ab.scope\n",
     V2_AT("/system.slice/docker-12ab.scope", "/sys/fs/cgroup"),
     {{"/sys/fs/cgroup/memory.max", "268435456\n"}, {"/sys/fs/memory.max", "1\n"}},
     256 * MIB},
    {"v2, a group below the mount's root",
     "0::/outer/inner/x\n",
     V2_AT("/outer", "/sys/fs/cgroup"),
     {{"/sys/fs/cgroup/inner/x/memory.max", "max\n"},
      {"/sys/fs/cgroup/inner/memory.max", "3145728\n"},
      {"/sys/fs/cgroup/memory.max", "4194304\n"}},
     3 * MIB},
    {"v2, the mount itself has the least, and what is above it is not asked",
     "0::/outer/inner\n",
     V2_AT("/outer", "/sys/fs/cgroup"),
     {{"/sys/fs/cgroup/inner/memory.max", "3145728\n"},
      {"/sys/fs/cgroup/memory.max", "2097152\n"},
      {"/sys/fs/memory.max", "1\n"},
      {"/sys/memory.max", "1\n"},
      {"/memory.max", "1\n"}},
     2 * MIB},
    {"v2, a group outside of the mount's root: the mount itself",
     "0::/elsewhere/a\n",
     V2_AT("/outer", "/sys/fs/cgroup"),
     {{"/sys/fs/cgroup/memory.max", "2097152\n"}, {"/sys/fs/cgroup/elsewhere/a/memory.max", "1\n"}},
     2 * MIB},
    {"v2, a name that only begins like the mount's root",
     "0::/outermost/a\n",
     V2_AT("/outer", "/sys/fs/cgroup"),
     {{"/sys/fs/cgroup/memory.max", "2097152\n"}, {"/sys/fs/cgroupmost/a/memory.max", "1\n"}},
     2 * MIB},
    {"v2, a group above the namespace's root",
     "0::/../other\n",
     V2,
     {{"/sys/fs/cgroup/memory.max", "2097152\n"}, {"/sys/fs/cgroup/../other/memory.max", "1\n"}},
     2 * MIB},
    {"v2, a mount point with a space",
     "0::/a\n",
     V2_AT("/", "/mnt/control\\040groups"),
     {{"/mnt/control groups/a/memory.max", "2097152\n"}},
     2 * MIB},
    {"v2, a root with a space",
     "0::/a b/c\n",
     V2_AT("/a\\040b", "/sys/fs/cgroup"),
     {{"/sys/fs/cgroup/c/memory.max", "2097152\n"}},
     2 * MIB},
    {"v2, two mounts: the one that shows the group",
     "0::/a/b\n",
     V2_AT("/other", "/first") "40 23 0:26 /a /second rw - cgroup2 none rw\n",
     {{"/first/memory.max", "1048576\n"}, {"/second/b/memory.max", "2097152\n"}},
     2 * MIB},
    {"v2, mounted on the root folder",
     "0::/a\n",
     V2_AT("/", "/"),
     {{"//a/memory.max", "2097152\n"}},
     2 * MIB},
    {"Kubernetes v2, the pod has the limit",
     "0::" POD "c1\n",
     V2,
     {{"/sys/fs/cgroup" POD "c1/memory.max", "max\n"},
      {"/sys/fs/cgroup/kubepods/burstable/pod1b2c/memory.max", "134217728\n"}},
     128 * MIB},
    {"LXC v2",
     "0::/lxc.payload.web/init.scope\n",
     V2_AT("/lxc.payload.web", "/sys/fs/cgroup"),
     {{"/sys/fs/cgroup/memory.max", "536870912\n"}},
     512 * MIB},
    {"v1, a group of its own",
     "5:cpu,cpuacct:/a\n4:memory:/a\n",
     V1,
     {{"/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "104857600\n"}},
     100 * MIB},
    {"v1, no limit",
     "4:memory:/a\n",
     V1,
     {{"/sys/fs/cgroup/memory/a/memory.limit_in_bytes", V1_UNLIMITED},
      {"/sys/fs/cgroup/memory/a/memory.stat",
       "cache 0\nrss 4096\nhierarchical_memory_limit 9223372036854771712\n"}},
     NONE},
    {"v1, no limit, pages of 64 KiB",
     "4:memory:/\n",
     V1,
     {{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854710272\n"}},
     NONE},
    {"v1, a group above has the limit",
     "4:memory:/a/b\n",
     V1,
     {{"/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", V1_UNLIMITED},
      {"/sys/fs/cgroup/memory/a/b/memory.stat",
       "cache 0\nhierarchical_memory_limit 2097152\nhierarchical_memsw_limit 1\n"}},
     2 * MIB},
    {"v1, memory beside another controller",
     "7:hugetlb,memory:/a\n",
     ROOT_FS "32 23 0:28 / /cg rw - cgroup cgroup rw,hugetlb,memory\n",
     {{"/cg/a/memory.limit_in_bytes", "2097152\n"}},
     2 * MIB},
    {"Docker v1: the mount's root is the group",
     "4:memory:/docker/12ab\n",
     V1_AT("/docker/12ab", "/sys/fs/cgroup/memory"),
     {{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n"}},
     256 * MIB},
    {"Kubernetes v1, a container of a pod",
     "9:memory:" POD "c1\n",
     V1_AT(POD "c1", "/sys/fs/cgroup/memory"),
     {{"/sys/fs/cgroup/memory/memory.limit_in_bytes", V1_UNLIMITED},
      {"/sys/fs/cgroup/memory/memory.stat", "hierarchical_memory_limit 134217728\n"}},
     128 * MIB},
    {"hybrid: memory is version 1's, and version 2 has no file of it",
     "4:memory:/a\n0::/a\n",
     V1 "41 23 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
     {{"/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3145728\n"}},
     3 * MIB},
    {"hybrid, both: the least",
     "4:memory:/a\n0::/a\n",
     V1 "41 23 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
     {{"/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3145728\n"},
      {"/sys/fs/cgroup/unified/a/memory.max", "2097152\n"}},
     2 * MIB},
    {"malformed: no colons", "0 /a\nmemory\n", V2, {{0}}, NONE},
    {"malformed: a path that is none",
     "0::a\n",
     V2,
     {{"/sys/fs/cgroup/a/memory.max", "1\n"}},
     NONE},
    {"malformed: a limit that is none",
     "0::/a\n",
     V2,
     {{"/sys/fs/cgroup/a/memory.max", "many\n"}},
     NONE},
    {"malformed: a limit with something behind it",
     "0::/a\n",
     V2,
     {{"/sys/fs/cgroup/a/memory.max", "12 kB\n"}},
     NONE},
    {"malformed: mountinfo ends early",
     "0::/a\n",
     ROOT_FS "30 23 0:26 / /sys/fs/cgroup rw",
     {{0}},
     NONE},
    {"malformed: no separator in mountinfo",
     "0::/a\n",
     ROOT_FS "30 23 0:26 / /sys/fs/cgroup rw cgroup2 cgroup2 rw\n",
     {{"/sys/fs/cgroup/a/memory.max", "1\n"}},
     NONE},
    {"main has ended by pthread_exit",
     "",
     NULL,
     {{"/proc/thread-self/cgroup", "0::/a\n"},
      {"/proc/thread-self/mountinfo", V2},
      {"/sys/fs/cgroup/a/memory.max", "104857600\n"}},
     100 * MIB},
    {"main has ended, and its group is still told",
     "0::/a\n",
     NULL,
     {{"/proc/thread-self/cgroup", "0::/a\n"},
      {"/proc/thread-self/mountinfo", V2},
      {"/sys/fs/cgroup/a/memory.max", "104857600\n"}},
     100 * MIB},
    {"an empty limit", "0::/a\n", V2, {{"/sys/fs/cgroup/a/memory.max", ""}}, NONE},
    {"a limit of 0", "0::/a\n", V2, {{"/sys/fs/cgroup/a/memory.max", "0\n"}}, 0},
};

static const struct scenario *scenario;

int fake_open(const char *path, int flags, ...)
{
    const char *text = NULL;
    (void)flags;
    if (strcmp(path, "/proc/self/cgroup") == 0)
        text = scenario->cgroup;
    else if (strcmp(path, "/proc/self/mountinfo") == 0)
        text = scenario->mountinfo;
    for (size_t i = 0; i < sizeof scenario->files / sizeof *scenario->files; i++)
        if (scenario->files[i].path && strcmp(path, scenario->files[i].path) == 0)
            text = scenario->files[i].text;
    if (text)
        return open_text(text);
    errno = ENOENT;
    return -1;
}

/* Long lines stand before those that are looked for: overlay mounts have some. */
static void a_line_that_does_not_fit_is_passed_over(void)
{
    static char long_lines[20000];
    struct scenario with_overlay = scenarios[3];
    memset(long_lines, 'x', 5000);
    snprintf(long_lines + 5000, sizeof long_lines - 5000, "%s", "\n" V2);
    expect(strcmp(with_overlay.name, "v2, a group of its own") == 0);
    with_overlay.mountinfo = long_lines;
    scenario = &with_overlay;
    expect(zm_probe_memory_limit() == 100 * MIB);
}

int main(void)
{
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        scenario = &scenarios[i];
        size_t limit = zm_probe_memory_limit();
        if (limit != scenario->limit)
            printf("%s: %zu, not %zu\n", scenario->name, limit, scenario->limit);
        expect(limit == scenario->limit);
    }
    a_line_that_does_not_fit_is_passed_over();
    printf("%zu systems\n", sizeof scenarios / sizeof *scenarios);
    return 0;
}
