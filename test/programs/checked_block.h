/* A block from any of the allocating calls, with what was written to it, so that whoever holds it
 * can check, resize and free it. The struct is a block of the library too. */
#ifndef CHECKED_BLOCK_H
#define CHECKED_BLOCK_H

#include "total.h"

struct checked_block {
    unsigned char *block;
    size_t n;
    unsigned char fill;
};

/* Each takes the state of next_random(), which decides how it is done. */
struct checked_block *make_checked(uint64_t *random);
void resize_checked(struct checked_block *checked, uint64_t *random);
void release_checked(struct checked_block *checked, uint64_t *random);

/* Fails unless the block holds what was last written to it. */
void check_contents(const struct checked_block *checked);

/* Bytes charged for the struct and its block. */
size_t checked_size(const struct checked_block *checked);

#endif
