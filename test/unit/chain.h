/* Blocks that hold on to each other, so that any number is freed by one call. */
#ifndef TEST_CHAIN_H
#define TEST_CHAIN_H

#include <zmalloc.h>

struct link {
    struct link *next;
};

/* Puts a block before the others. */
static inline struct link *chain_block(struct link *block, struct link *first)
{
    block->next = first;
    return block;
}

static inline void release_chain(struct link *first)
{
    while (first) {
        struct link *next = first->next;
        zfree(first);
        first = next;
    }
}

#endif
