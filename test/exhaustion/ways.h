/* The allocating calls as tables, so that a rule which holds for each is written once. */
#ifndef WAYS_H
#define WAYS_H

#include <stdbool.h>
#include <stddef.h>

struct way_to_get {
    const char *name;
    void *(*get)(size_t n);
    bool zeroed;
    bool calls_handler;
};

struct way_to_resize {
    const char *name;
    void *(*resize)(void *block, size_t n);
    bool calls_handler;
};

struct way_to_give {
    const char *name;
    void (*give)(void *block);
};

/* Each table ends with a way that has no name. */
extern const struct way_to_get ways_to_get[];
extern const struct way_to_resize ways_to_resize[];
extern const struct way_to_give ways_to_give[];

/* What a way of the _at_least kind stored last. */
extern _Thread_local size_t last_usable;

#endif
