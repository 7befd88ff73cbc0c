/* Parsers of what Linux says of control groups (cgroups(7), proc(5)), without their files. Each
 * takes one line or text, and reads nothing past its length. */
#ifndef ZM_CGROUP_TEXT_H
#define ZM_CGROUP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/proc_text.h"

/* The hierarchy that may limit memory: that of version 2, or version 1's for memory. A system in
 * hybrid mode has both. */
enum zm_cgroup_version { ZM_CGROUP_V2, ZM_CGROUP_V1 };

/* Whether a line of /proc/PID/cgroup is of that hierarchy: "0::PATH", or "N:cpu,memory:PATH". */
bool zm_cgroup_path(struct zm_piece line, enum zm_cgroup_version version, struct zm_piece *path);

/* Whether a line of /proc/PID/mountinfo is a mount of that hierarchy. `root` is the group that it
 * shows, `point` where; both as they stand, with octal escapes. */
bool zm_cgroup_mount(struct zm_piece line, enum zm_cgroup_version version, struct zm_piece *root,
                     struct zm_piece *point);

/* Whether a mount of `root` shows the group `path`. */
bool zm_cgroup_shows(struct zm_piece root, struct zm_piece path);

/* Writes the folder of the group `path`, below a mount of `root` at `point`, terminated by NUL; of
 * a group that the mount does not show, the mount itself. Returns the length of the mount's own
 * part, 0 where the folder does not fit. */
size_t zm_cgroup_folder(char *folder, size_t size, struct zm_piece point, struct zm_piece root,
                        struct zm_piece path);

/* Bytes that memory.max or memory.limit_in_bytes allows; SIZE_MAX for "max", for what version 1
 * says where there is no limit, near LONG_MAX, and for what is no number. */
size_t zm_cgroup_limit(const char *text, size_t length);

/* The same of a line of memory.stat, of version 1: that of its hierarchical_memory_limit, SIZE_MAX
 * for any other line. */
size_t zm_cgroup_stat_limit(struct zm_piece line);

#endif
