/* What the suites share. Each Criterion test is a process of its own that has used malloc already:
 * assert differences of the total, never its value. */
#ifndef ZM_TEST_COMMON_H
#define ZM_TEST_COMMON_H

#include <criterion/criterion.h>
#include <errno.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../under.h"
#include "zmalloc.h"

/* For loops: Criterion sends an event for each assertion that holds, which adds up. */
#define REQUIRE(condition, ...)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            cr_assert_fail(__VA_ARGS__);                                                           \
    } while (0)

/* Keeps a size from the compiler, which would reject the impossible ones while compiling. */
static inline size_t opaque(size_t n)
{
    volatile size_t hidden = n;
    return hidden;
}

/* Keeps from the compiler what a block's declaration says of its size: with _FORTIFY_SOURCE=3 it
 * would stop a test that writes to all of the usable bytes. */
static inline void *of_unknown_size(void *block)
{
    void *volatile hidden = block;
    return hidden;
}

/* Written through volatile: the compiler may drop what is written to a block that is only freed. */
static inline void *written_block(size_t n)
{
    volatile unsigned char *block = zmalloc(n);
    for (size_t i = 0; i < n; i += 1024)
        block[i] = 1;
    return (void *)block;
}

/* Whether a request for a few gigabytes may be met, so that only what is above PTRDIFF_MAX fails.
 */
#define SIZES_ARE_SMALL (SIZE_MAX <= UINT32_MAX)

/* Whether the block may be a sample, in a suite that is run while samples are taken (sampled.c): it
 * is charged what an aligned one is. */
static inline int may_be_sample(const void *block)
{
    return ZM_TEST_IS_SAMPLED && (uintptr_t)block % 4096 == 0;
}

/* An out-of-memory handler that returns, and what it was told. */
static int oom_calls;
static size_t oom_bytes;

static inline void note_oom(size_t n)
{
    oom_calls++;
    oom_bytes = n;
}

static inline void expect_no_oom(void)
{
    oom_calls = 0;
    oom_bytes = 0;
    zmalloc_set_oom_handler(note_oom);
}

#endif
