/* Checked blocks: a block made by any of the allocating calls, together with what its maker knew of
 * it, so that whoever holds the checked can check the block, resize it and free it. The checked
 * itself is a block of the library too. */
#ifndef CHECKED_BLOCK_H
#define CHECKED_BLOCK_H

#include "total.h"

struct checked {
    unsigned char *block;
    size_t n;
    unsigned char fill;
};

/* Each takes the state of next_random(), which decides how it is done. */
struct checked *make_checked(uint64_t *random);
void resize_checked(struct checked *checked, uint64_t *random);
void release_checked(struct checked *checked, uint64_t *random);

/* Fails unless the block holds what was last written to it. */
void check_contents(const struct checked *checked);

/* Bytes charged for the checked and its block. */
size_t checked_size(const struct checked *checked);

#endif
