/* The texts about control groups: a line of /proc/PID/cgroup, one of mountinfo, and what a limit
 * file holds. Each in a block of its own, so that a sanitizer sees a read past it. */
#include "probe/cgroup_text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

static void must_be_within(struct zm_piece piece, struct text text, const char *what)
{
    must(piece.at >= text.at && piece.length <= text.length
             && piece.at + piece.length <= text.at + text.length,
         "the %s is not of the line", what);
    must(piece.length > 0 && piece.at[0] == '/', "the %s does not begin at the root", what);
}

/* As strtoull has it, where the text is digits and the end of a line. */
static size_t oracle_limit(struct text text)
{
    char *string = as_string(text, 'x'), *end;
    errno = 0;
    unsigned long long number = strtoull(string, &end, 10);
    int is_number = string[0] >= '0' && string[0] <= '9' && (*end == '\0' || *end == '\n');
    free(string);
    return is_number && errno == 0 && number < INT64_MAX - 0xffff && number <= SIZE_MAX
               ? (size_t)number
               : SIZE_MAX;
}

static void check_folder(struct zm_piece point, struct zm_piece root, struct zm_piece path)
{
    char folder[64];
    for (size_t size = 1; size <= sizeof folder; size += 21) {
        memset(folder, 'x', sizeof folder);
        size_t own = zm_cgroup_folder(folder, size, point, root, path);
        must(own < size, "a mount's part of %zu in a folder of %zu", own, size);
        for (size_t i = size; i < sizeof folder; i++)
            must(folder[i] == 'x', "byte %zu of a folder of %zu was written", i, size);
        if (own == 0)
            continue;
        const char *nul = memchr(folder, '\0', size);
        must(nul, "the folder has no end");
        if (!zm_cgroup_shows(root, path))
            must(nul <= folder + own, "a group outside of the mount is in the folder");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    struct text group = take_until(&input, '\n'), mount = take_until(&input, '\n');
    struct text limit = take_rest(&input);
    for (int v = ZM_CGROUP_V2; v <= ZM_CGROUP_V1; v++) {
        struct zm_piece path, root, point;
        enum zm_cgroup_version version = (enum zm_cgroup_version)v;
        int has_path = zm_cgroup_path((struct zm_piece){group.at, group.length}, version, &path);
        int has_mount =
            zm_cgroup_mount((struct zm_piece){mount.at, mount.length}, version, &root, &point);
        if (has_path)
            must_be_within(path, group, "group");
        if (has_mount) {
            must_be_within(root, mount, "mount's root");
            must_be_within(point, mount, "mount's place");
        }
        if (has_path && has_mount)
            check_folder(point, root, path);
    }
    size_t found = zm_cgroup_limit(limit.at, limit.length), expected = oracle_limit(limit);
    must(found == expected, "a limit of %zu, not %zu", found, expected);
    zm_cgroup_stat_limit((struct zm_piece){limit.at, limit.length});
    free(group.at);
    free(mount.at);
    free(limit.at);
    return 0;
}
