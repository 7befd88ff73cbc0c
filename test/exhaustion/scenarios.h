/* What can be missing, each with the function that takes it from the calling process for good. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <stdbool.h>

#include "calls.h"

struct scenario {
    const char *name;
    /* Called in a process of its own, on the thread that will call the library. Returns NULL, or
     * the reason why this system does not let the process there. */
    const char *(*enter)(void);
    struct supply supply;
    /* No file may be opened, not even in vain: only calls that need none are made. */
    bool no_figures;
};

/* Ends with one that has no name. */
extern const struct scenario scenarios[];

#endif
