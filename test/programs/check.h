/* What the plain programs share. A program ends with status 0, with 1 and a sentence on stderr that
 * says which rule was broken, or with 77 and the reason why it was left out. */
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>
#include <stdio.h>

#include "../under.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the process at once, from any thread: 1, or 77 for skip(). */
void fail(const char *file, int line, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
void skip(const char *reason) __attribute__((noreturn));

/* require(condition, "what is wrong when it does not hold: %d", ...) */
#define require(condition, ...) ((condition) ? (void)0 : fail(__FILE__, __LINE__, __VA_ARGS__))

/* The index-th argument as a count above 0, or `otherwise` when it was not given. */
unsigned long argument(int argc, char **argv, int index, unsigned long otherwise);

/* How often to do something: the first argument; without one `usual`, less under a slow tool, which
 * says how much slower it is in the environment as ZM_TEST_SLOWDOWN. */
unsigned long iterations(int argc, char **argv, unsigned long usual);

/* Numbers that look random and come again from the same seed, which is any number but 0. */
uint64_t next_random(uint64_t *state);

#ifdef __cplusplus
}
#endif

#endif
