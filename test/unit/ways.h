/* Every public way to get a block and to give it back, as tables, so that a rule which holds for
 * every block is written once. */
#ifndef ZM_TEST_WAYS_H
#define ZM_TEST_WAYS_H

#include "common.h"

struct way_to_get {
    const char *name;
    void *(*get)(size_t n);
    int zeroed;
    int calls_handler;
};

struct way_to_give {
    const char *name;
    void (*give)(void *block);
};

extern const struct way_to_get ways_to_get[];
extern const size_t ways_to_get_count;
extern const struct way_to_give ways_to_give[];
extern const size_t ways_to_give_count;

/* What the _at_least way stored last, so that a test may compare. */
extern size_t last_usable;

#endif
