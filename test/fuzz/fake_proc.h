/* A /proc for lib/probe/linux.c, which is compiled to call these for open, read, close and time.
 */
#ifndef FAKE_PROC_H
#define FAKE_PROC_H

#include <stdbool.h>

#include "target.h"

enum { FAKE_OPENS, FAKE_HAS_NO_FILE, FAKE_FAILS_TO_READ };

struct fake_file {
    const char *path;
    struct text text;
    int how; /* one of the above: ENOENT from open, or EIO from read where the text ends */
};

/* From now on there are these files. `pieces` is the seed of how long each read is and which ones
 * are interrupted; 0: as long as there is room, and never. */
void fake_proc(const struct fake_file *files, size_t count, uint32_t pieces);

/* Whether every file that was opened is closed again. */
bool fake_proc_is_closed(void);

#endif
