/* What is known of every block that lives: the model that the library is compared with. Each call
 * here makes a call of the library and checks all that is promised of it. */
#ifndef MODEL_H
#define MODEL_H

#include "calls.h"

/* A place for a block. Two threads must not use one at the same time. */
struct slot {
    unsigned char *block; /* NULL: there is none, and all else is 0 */
    size_t written;       /* bytes of the pattern, */
    unsigned char seed;   /* which begins so */
    size_t usable, size;  /* as the library said when it gave the block */
};

/* Sets the out-of-memory handler that the model listens to. */
void listen_for_failures(void);

void get_block(struct slot *slot, const struct alloc_call *call, size_t n, unsigned variety);
void resize_block(struct slot *slot, const struct resize_call *call, size_t n);
void give_block(struct slot *slot, const struct release_call *call);

/* Alignments that cannot be. */
void ask_for_bad_alignment(size_t alignment, size_t n);

/* From now on, until the rule is ended, allocations of this thread fail by a rule of
 * zmalloc_fail(); the model knows which. */
void fail_by_rule(int rule, size_t n);
void end_rule(void);

/* While no thread makes a call: every block is what it was, apart from the others, and all of them
 * together are the total. */
void check_all(const struct slot *slots, size_t count);

#endif
