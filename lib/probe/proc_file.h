/* Reading Linux's files that are text: /proc, control groups. EINTR is tried again. No more of the
 * stack is taken than a thread of the least size that the system allows has. */
#ifndef ZM_PROC_FILE_H
#define ZM_PROC_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "probe/proc_text.h"

/* One of 8 KiB would save an eighth of the time where the text of 10,000 mappings is read, and
 * nothing elsewhere. */
enum { ZM_BUFFER_SIZE = 1024 };

/* A descriptor, or -1 with errno set. */
int zm_open_file(const char *path);

/* As read(2). */
ssize_t zm_read_some(int fd, char *buffer, size_t size);

/* Keeps errno: that of what failed before. */
void zm_close_file(int fd);

/* Reads a file that the kernel prints in one go: how much of it was read, or -1 with errno set. */
ssize_t zm_read_file(const char *path, char *text, size_t size);

/* Calls visit for each line, without its newline, that fits the buffer. 0, or -1 with errno set. */
int zm_read_lines(const char *path, void (*visit)(struct zm_piece line, void *context),
                  void *context);

#endif
