/* What wears the library out: threads that make, resize and free blocks, mostly their own, some of
 * them one another's, while threads end and others come in their places, and now and then one
 * forks. */
#ifndef WORKERS_H
#define WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THREADS = 16 };

/* Called all the time while threads run. */
typedef void observer(void);

/* Runs all threads until together they have made so many calls, or the deadline, seconds of the
 * monotonic clock, is over. Returns how many calls they made; the blocks stay. */
unsigned long long work(unsigned long long calls, double deadline, uint64_t *random,
                        observer *observe);

/* What was done so far. */
unsigned long threads_that_ended(void);
unsigned long forks_made(void);

/* While no thread runs: the bytes charged for all blocks, each of them looked at; and an end to all
 * of them. */
size_t size_of_all_blocks(void);
void free_all_blocks(uint64_t *random);

/* More than all blocks together can ever be charged. */
size_t most_bytes(void);

double seconds_now(void);

#endif
