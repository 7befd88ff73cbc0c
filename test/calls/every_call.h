/* Every call of zmalloc.h, each made as a program would and all it took given back, as a table: for
 * rules that hold for each call wherever it is made. */
#ifndef EVERY_CALL_H
#define EVERY_CALL_H

#include <stddef.h>

struct call {
    const char *name;
    void (*make)(void);
};

extern const struct call every_call[];
extern const size_t every_call_count;

#endif
