/* Blocks that know what was written to them, whoever holds them. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "check.h"
#include "zmalloc.h"

/* Each takes the state of next_random(). A block is of 16 bytes to 4 MiB, most of them small, and
 * made by any of the allocating calls. */
void *make_block(uint64_t *random);
void *resize_block(void *block, uint64_t *random);
void release_block(void *block, uint64_t *random);

enum { LARGEST_BLOCK = 4 << 20 };

#endif
