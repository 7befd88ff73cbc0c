#include "fake_proc.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

int fake_open(const char *path, int flags, ...);
ssize_t fake_read(int fd, void *buffer, size_t size);
int fake_close(int fd);
time_t fake_time(time_t *unused);

enum { THE_DESCRIPTOR = 1000 };

static const struct fake_file *fakes;
static size_t fake_count;
static uint32_t seed;

/* The one that is open; NULL when none is. */
static const struct fake_file *open_fake;
static size_t position;

void fake_proc(const struct fake_file *files, size_t count, uint32_t pieces)
{
    fakes = files;
    fake_count = count;
    seed = pieces;
    open_fake = NULL;
}

bool fake_proc_is_closed(void)
{
    return !open_fake;
}

static bool is_interrupted(void)
{
    if (seed == 0 || next_number(&seed) % 8 != 0)
        return false;
    errno = EINTR;
    return true;
}

int fake_open(const char *path, int flags, ...)
{
    (void)flags;
    must(!open_fake, "%s is opened while %s is open", path, open_fake->path);
    if (is_interrupted())
        return -1;
    for (size_t i = 0; i < fake_count; i++)
        if (strcmp(path, fakes[i].path) == 0 && fakes[i].how != FAKE_HAS_NO_FILE) {
            open_fake = &fakes[i];
            position = 0;
            return THE_DESCRIPTOR;
        }
    errno = ENOENT;
    return -1;
}

ssize_t fake_read(int fd, void *buffer, size_t size)
{
    must(fd == THE_DESCRIPTOR && open_fake, "a read of descriptor %d", fd);
    must(size > 0, "a read of 0 bytes, which looks like the end");
    size_t left = open_fake->text.length - position;
    if (is_interrupted())
        return -1;
    if (left == 0 && open_fake->how == FAKE_FAILS_TO_READ) {
        errno = EIO;
        return -1;
    }
    size_t piece = left < size ? left : size;
    if (piece > 0 && seed != 0)
        piece = 1 + next_number(&seed) % piece;
    if (piece > 0)
        memcpy(buffer, open_fake->text.at + position, piece);
    position += piece;
    return (ssize_t)piece;
}

/* The number that errno has is the caller's to keep. */
int fake_close(int fd)
{
    must(fd == THE_DESCRIPTOR && open_fake, "descriptor %d is closed, which is not open", fd);
    open_fake = NULL;
    errno = ECANCELED;
    return 0;
}

/* Another second each time: what was found in the one before is not believed. */
time_t fake_time(time_t *unused)
{
    static time_t now;
    (void)unused;
    return ++now;
}
