/* Linux: the memory that the control groups of this process allow it. */
#include <stdint.h>
#include <string.h>

#include "probe.h"
#include "probe/cgroup_text.h"
#include "probe/proc_file.h"

/* Room behind a group's folder for the name of one of its files. */
enum { FILE_NAME_SIZE = 32 };

/* Where this process is in a hierarchy. */
struct place {
    enum zm_cgroup_version version;
    char group[ZM_BUFFER_SIZE];
    size_t group_length; /* 0: in none */
    char folder[ZM_BUFFER_SIZE + FILE_NAME_SIZE];
    size_t mount_length; /* of the folder, the mount's part; 0: none is mounted */
    size_t root_length;  /* of what the mount shows; 0: not the group */
};

static void find_group(struct zm_piece line, void *context)
{
    struct place *place = context;
    struct zm_piece path;
    if (place->group_length > 0 || !zm_cgroup_path(line, place->version, &path))
        return;
    memcpy(place->group, path.at, path.length);
    place->group_length = path.length;
}

/* The first of the mounts that show most of the groups above, or else the first of all: a group's
 * own folder may be mounted elsewhere too. */
static void find_mount(struct zm_piece line, void *context)
{
    struct place *place = context;
    struct zm_piece root, point, group = {place->group, place->group_length};
    if (!zm_cgroup_mount(line, place->version, &root, &point))
        return;
    bool is_shown = zm_cgroup_shows(root, group);
    if (place->mount_length > 0
        && (!is_shown || (place->root_length > 0 && root.length >= place->root_length)))
        return;
    place->mount_length =
        zm_cgroup_folder(place->folder, sizeof place->folder - FILE_NAME_SIZE, point, root, group);
    place->root_length = is_shown && place->mount_length > 0 ? root.length : 0;
}

/* A missing file is no limit: the root group of version 2 has none. */
static size_t limit_in(char *folder, const char *file)
{
    char text[32];
    size_t length = strlen(folder);
    stpcpy(folder + length, file);
    ssize_t got = zm_read_file(folder, text, sizeof text);
    folder[length] = '\0';
    return got > 0 ? zm_cgroup_limit(text, (size_t)got) : SIZE_MAX;
}

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A group is bound by its own limit and by those of all above it, of which the mount is the last
 * that can be seen. */
static size_t limit_of_v2(struct place *place)
{
    size_t least = SIZE_MAX;
    for (;;) {
        least = lesser(least, limit_in(place->folder, "/memory.max"));
        size_t length = strlen(place->folder);
        if (length <= place->mount_length)
            return least;
        while (length > place->mount_length && place->folder[length - 1] != '/')
            length--;
        if (length > place->mount_length)
            length--;
        place->folder[length] = '\0';
    }
}

static void find_hierarchical(struct zm_piece line, void *context)
{
    size_t *least = context;
    *least = lesser(*least, zm_cgroup_stat_limit(line));
}

/* Version 1 adds up what binds a group in its memory.stat. */
static size_t limit_of_v1(struct place *place)
{
    size_t least = limit_in(place->folder, "/memory.limit_in_bytes");
    stpcpy(place->folder + strlen(place->folder), "/memory.stat");
    zm_read_lines(place->folder, find_hierarchical, &least);
    return least;
}

static bool find_place(struct place *place, const char *cgroup, const char *mountinfo)
{
    place->group_length = 0;
    return zm_read_lines(cgroup, find_group, place) == 0 && place->group_length > 0
           && zm_read_lines(mountinfo, find_mount, place) == 0 && place->mount_length > 0;
}

/* When main has ended by pthread_exit, "self" names a thread that is in no mount namespace any
 * more; "thread-self" still is. */
static size_t limit_by(enum zm_cgroup_version version)
{
    struct place place = {.version = version};
    if (!find_place(&place, "/proc/self/cgroup", "/proc/self/mountinfo")
        && !find_place(&place, "/proc/thread-self/cgroup", "/proc/thread-self/mountinfo"))
        return SIZE_MAX;
    return version == ZM_CGROUP_V2 ? limit_of_v2(&place) : limit_of_v1(&place);
}

size_t zm_probe_memory_limit(void)
{
    return lesser(limit_by(ZM_CGROUP_V2), limit_by(ZM_CGROUP_V1));
}
