/* A file that holds a text, for fakes of open(). */
#ifndef OPEN_TEXT_H
#define OPEN_TEXT_H

#include <string.h>
#include <unistd.h>

#include "expect.h"

/* Shorter than what a pipe takes. */
static inline int open_text(const char *text)
{
    int ends[2];
    expect(pipe(ends) == 0);
    expect(write(ends[1], text, strlen(text)) == (ssize_t)strlen(text));
    close(ends[1]);
    return ends[0];
}

#endif
