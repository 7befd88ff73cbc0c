#include "probe/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

int zm_open_file(const char *path)
{
    int fd;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd == -1 && errno == EINTR);
    return fd;
}

ssize_t zm_read_some(int fd, char *buffer, size_t size)
{
    ssize_t got;
    do
        got = read(fd, buffer, size);
    while (got == -1 && errno == EINTR);
    return got;
}

void zm_close_file(int fd)
{
    int saved_errno = errno;
    close(fd);
    errno = saved_errno;
}

ssize_t zm_read_file(const char *path, char *text, size_t size)
{
    int fd = zm_open_file(path);
    if (fd == -1)
        return -1;
    ssize_t got = zm_read_some(fd, text, size);
    zm_close_file(fd);
    return got;
}

int zm_read_lines(const char *path, void (*visit)(struct zm_piece line, void *context),
                  void *context)
{
    char text[ZM_BUFFER_SIZE];
    size_t kept = 0;
    bool is_whole = true; /* the line that begins the buffer was not begun before it */
    int fd = zm_open_file(path);
    if (fd == -1)
        return -1;
    ssize_t got;
    while ((got = zm_read_some(fd, text + kept, sizeof text - kept)) > 0) {
        struct zm_piece rest = {text, kept + (size_t)got};
        const char *newline;
        while (rest.length > 0 && (newline = memchr(rest.at, '\n', rest.length))) {
            struct zm_piece line = {rest.at, (size_t)(newline - rest.at)};
            if (is_whole)
                visit(line, context);
            is_whole = true;
            rest.at += line.length + 1;
            rest.length -= line.length + 1;
        }
        if (rest.length == sizeof text) {
            is_whole = false;
            rest.length = 0;
        }
        memmove(text, rest.at, rest.length);
        kept = rest.length;
    }
    zm_close_file(fd);
    return got == 0 ? 0 : -1;
}
