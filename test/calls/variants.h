/* Every public call that allocates, resizes or frees a block, as tables, so that a rule
 * which holds for each is written once. */
#ifndef VARIANTS_H
#define VARIANTS_H

#include <stdbool.h>
#include <stddef.h>

struct alloc_call {
    const char *name;
    void *(*allocate)(size_t n);
    bool zeroed;
    bool calls_handler;
    bool stores;
};

struct resize_call {
    const char *name;
    void *(*resize)(void *block, size_t n);
    bool stores;
    bool calls_handler;
};

struct release_call {
    const char *name;
    void (*release)(void *block);
};

extern const struct alloc_call alloc_calls[];
extern const struct resize_call resize_calls[];
extern const struct release_call release_calls[];
extern const size_t alloc_call_count, resize_call_count, release_call_count;

/* What a call of the _at_least kind stored last. */
extern _Thread_local size_t last_usable;

#endif
