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
struct alloc_call {
    const char *name;
    struct answer (*allocate)(size_t n, unsigned variety);
};

/* `block` may be NULL. */
struct resize_call {
    const char *name;
    struct answer (*resize)(void *block, size_t n);
};

/* `usable` is what the library said of the block. */
struct release_call {
    const char *name;
    void (*release)(void *block, size_t usable);
};

extern const struct alloc_call alloc_calls[];
extern const struct resize_call resize_calls[];
extern const struct release_call release_calls[];
extern const size_t alloc_call_count, resize_call_count, release_call_count;

#endif
