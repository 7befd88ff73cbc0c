/* Every call of zmalloc.h that gives, resizes or takes a block, as tables, with what each is to do.
 */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>

#include "target.h"

/* Whether the allocator may be asked for more than there is. Not where a sanitizer warns of each
 * such request, nor in 32 bits, where half of all memory may be had, and the next call then lacks
 * it. */
#define MAY_ASK_TOO_MUCH (!ZM_TEST_WARNS_OF_FAILURE && sizeof(void *) > 4)

/* What a call was asked for, and what it answered. */
struct answer {
    void *block;
    size_t asked;     /* the bytes that out of memory is told of; */
    size_t promised;  /* those that the caller may write; */
    size_t alignment; /* 0: that of every block */
    bool zeroed;
    bool tells;  /* calls the out-of-memory handler when it fails */
    bool stores; /* stores a usable size, this: */
    size_t stored;
};

/* `variety` is any small number: how many items, which alignment. */
struct way_to_get {
    const char *name;
    struct answer (*get)(size_t n, unsigned variety);
};

/* `block` may be NULL. */
struct way_to_resize {
    const char *name;
    struct answer (*resize)(void *block, size_t n);
};

/* `usable` is what the library said of the block. */
struct way_to_give {
    const char *name;
    void (*give)(void *block, size_t usable);
};

extern const struct way_to_get ways_to_get[];
extern const struct way_to_resize ways_to_resize[];
extern const struct way_to_give ways_to_give[];
extern const size_t ways_to_get_count, ways_to_resize_count, ways_to_give_count;

#endif
