/* The live samples, by address. Any thread may call anything at any time; nothing waits for another
 * thread, so that a fork finds nothing locked. Memory comes from the system alone, and is kept. */
#ifndef ZM_SAMPLE_TABLE_H
#define ZM_SAMPLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"

/* Frames of a stack that are kept, from the innermost. */
enum { ZM_MOST_FRAMES = 64 };

struct zm_sample_facts {
    size_t size;                     /* what the block would have been charged unsampled */
    size_t mean;                     /* bytes from sample to sample */
    unsigned depth;                  /* of `stack`; 0: none was taken */
    uintptr_t stack[ZM_MOST_FRAMES]; /* return addresses */
};

/* A sample's place. */
struct zm_sample;

/* Makes room for the first samples. False without memory. */
bool zm_sample_table_open(void);

/* Keeps the facts about a block that is not in the table. False, and nothing kept, where it is full
 * or there is no memory for more. */
bool zm_sample_put(const void *block, const struct zm_sample_facts *facts);

/* Takes a block out of the table, but keeps its place; NULL where it is not a sample. The caller is
 * the one to free the block, and ends with one of the other two, neither of which can fail. */
struct zm_sample *zm_sample_take(const void *block);
void zm_sample_drop(struct zm_sample *sample);
void zm_sample_put_back(struct zm_sample *sample, const void *block);

/* Of a sample that was taken. */
size_t zm_sample_size(const struct zm_sample *sample);
size_t zm_sample_mean(const struct zm_sample *sample);

/* How many places there are. */
size_t zm_sample_places(void);

/* Reads the place `at`, below that number. False where no sample is in it, or just came or went. */
bool zm_sample_read(size_t at, struct zm_sample_facts *facts);

#endif
