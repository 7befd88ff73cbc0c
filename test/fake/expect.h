/* Checks for plain programs: the first that fails says where and ends the program with status 1. */
#ifndef FAKE_EXPECT_H
#define FAKE_EXPECT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define expect_equal(got, wanted)                                                                  \
    expect_equal_at(__FILE__, __LINE__, #got, (intmax_t)(got), (intmax_t)(wanted))

static inline void expect_equal_at(const char *file, int line, const char *what, intmax_t got,
                                   intmax_t wanted)
{
    if (got == wanted)
        return;
    fprintf(stderr, "%s:%d: %s is %jd, not %jd\n", file, line, what, got, wanted);
    exit(1);
}

#endif
