/* Every public way to get a block, to resize it and to give it back, as tables, so that a rule
 * which holds for each is written once. */
#ifndef WAYS_H
#define WAYS_H

#include <stdbool.h>
#include <stddef.h>

struct way_to_get {
    const char *name;
    void *(*get)(size_t n);
    bool zeroed;
    bool calls_handler;
    bool stores;
};

struct way_to_resize {
    const char *name;
    void *(*resize)(void *block, size_t n);
    bool stores;
    bool calls_handler;
};

struct way_to_give {
    const char *name;
    void (*give)(void *block);
};

extern const struct way_to_get ways_to_get[];
extern const struct way_to_resize ways_to_resize[];
extern const struct way_to_give ways_to_give[];
extern const size_t ways_to_get_count, ways_to_resize_count, ways_to_give_count;

/* What a way of the _at_least kind stored last. */
extern _Thread_local size_t last_usable;

#endif
