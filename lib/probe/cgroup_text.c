#include "probe/cgroup_text.h"

#include <stdint.h>
#include <string.h>

static bool equals(struct zm_piece piece, const char *text)
{
    return piece.length == strlen(text) && memcmp(piece.at, text, piece.length) == 0;
}

/* Takes what stands before the next `separator`, or all, from the front of a line. */
static struct zm_piece take(struct zm_piece *line, char separator)
{
    const char *end = line->length ? memchr(line->at, separator, line->length) : NULL;
    struct zm_piece taken = {line->at, end ? (size_t)(end - line->at) : line->length};
    size_t gone = taken.length + (end != NULL);
    line->at += gone;
    line->length -= gone;
    return taken;
}

static bool list_has(struct zm_piece list, const char *word)
{
    while (list.length > 0)
        if (equals(take(&list, ','), word))
            return true;
    return false;
}

bool zm_cgroup_path(struct zm_piece line, enum zm_cgroup_version version, struct zm_piece *path)
{
    struct zm_piece number = take(&line, ':');
    struct zm_piece controllers = take(&line, ':');
    bool is_of_it = version == ZM_CGROUP_V2 ? equals(number, "0") && controllers.length == 0
                                            : list_has(controllers, "memory");
    if (!is_of_it || line.length == 0 || line.at[0] != '/')
        return false;
    *path = line;
    return true;
}

/* proc(5): ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPER-OPTIONS */
bool zm_cgroup_mount(struct zm_piece line, enum zm_cgroup_version version, struct zm_piece *root,
                     struct zm_piece *point)
{
    for (int i = 0; i < 3; i++)
        take(&line, ' ');
    *root = take(&line, ' ');
    *point = take(&line, ' ');
    while (line.length > 0 && !equals(take(&line, ' '), "-"))
        continue;
    struct zm_piece type = take(&line, ' ');
    take(&line, ' ');
    if (root->length == 0 || root->at[0] != '/' || point->length == 0 || point->at[0] != '/')
        return false;
    return version == ZM_CGROUP_V2 ? equals(type, "cgroup2")
                                   : equals(type, "cgroup") && list_has(line, "memory");
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* Space, tab, newline and backslash stand in mountinfo as a backslash and three octal digits. */
static char take_escaped(struct zm_piece *text)
{
    const char *at = text->at;
    if (text->length >= 4 && at[0] == '\\' && is_octal(at[1]) && is_octal(at[2])
        && is_octal(at[3])) {
        text->at += 4;
        text->length -= 4;
        return (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
    }
    text->at++;
    text->length--;
    return at[0];
}

/* The part of `path` below `root`, which is escaped; at NULL where it is not below it. A ".." is of
 * a group outside of what this process may see. */
static struct zm_piece below(struct zm_piece root, struct zm_piece path)
{
    static const struct zm_piece nothing = {NULL, 0};
    if (equals(root, "/"))
        root.length = 0;
    while (root.length > 0) {
        if (path.length == 0 || take_escaped(&root) != path.at[0])
            return nothing;
        path.at++;
        path.length--;
    }
    if (path.length > 0 && path.at[0] != '/')
        return nothing;
    for (struct zm_piece rest = path; rest.length > 0;)
        if (equals(take(&rest, '/'), ".."))
            return nothing;
    return path;
}

bool zm_cgroup_shows(struct zm_piece root, struct zm_piece path)
{
    return below(root, path).at;
}

size_t zm_cgroup_folder(char *folder, size_t size, struct zm_piece point, struct zm_piece root,
                        struct zm_piece path)
{
    struct zm_piece rest = below(root, path);
    if (equals(rest, "/"))
        rest.length = 0;
    size_t length = 0;
    while (point.length > 0 && length < size)
        folder[length++] = take_escaped(&point);
    if (point.length > 0 || rest.length >= size - length)
        return 0;
    if (rest.length > 0)
        memcpy(folder + length, rest.at, rest.length);
    folder[length + rest.length] = '\0';
    return length;
}

/* "No limit" of version 1 is LONG_MAX rounded down to a page, of 4 to 64 KiB. */
#define NO_LIMIT_FROM (INT64_MAX - 0xffff)

size_t zm_cgroup_limit(const char *text, size_t length)
{
    uint64_t limit = 0;
    size_t i = 0;
    for (; i < length && text[i] >= '0' && text[i] <= '9' && limit < NO_LIMIT_FROM / 10; i++)
        limit = limit * 10 + (uint64_t)(text[i] - '0');
    if (i == 0 || (i < length && text[i] != '\n') || limit >= NO_LIMIT_FROM || limit > SIZE_MAX)
        return SIZE_MAX;
    return (size_t)limit;
}

size_t zm_cgroup_stat_limit(struct zm_piece line)
{
    return equals(take(&line, ' '), "hierarchical_memory_limit")
               ? zm_cgroup_limit(line.at, line.length)
               : SIZE_MAX;
}
