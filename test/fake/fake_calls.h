/* What a backend called of a fake for its allocator, and what it says of itself. */
#ifndef FAKE_FAKE_CALLS_H
#define FAKE_FAKE_CALLS_H

#include <stddef.h>

#include "expect.h"

/* The only block there is, and its size. */
extern char fake_block[];
#define FAKE_BLOCK_SIZE 112

/* Notes the call: the block it was given or NULL, the size, and the argument beyond the two or 0.
 * Returns fake_block. */
void *fake_call(const char *function, const void *block, size_t size, size_t more);

/* As if there had been no call since the last look. */
void forget_calls(void);

/* Since the last look there was this one call and no other. */
#define expect_call(function, block, size, more) expect_last_call(1, function, block, size, more)

/* Since the last look there were `count` calls, and this was the last. */
#define expect_last_call(count, function, block, size, more)                                       \
    expect_last_call_at(__FILE__, __LINE__, count, function, block, size, more)

void expect_last_call_at(const char *file, int line, int count, const char *function,
                         const void *block, size_t size, size_t more);

/* zm_backend describes itself so, and cut to the room there is. */
void expect_described(const char *wanted);

/* zm_backend hands on this report of the allocator's, in one piece. */
void expect_report(const char *wanted);

#endif
