/* For the tests of samples: a profile as it is written, read. */
#ifndef TEST_SAMPLES_H
#define TEST_SAMPLES_H

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <unistd.h>

#include "common.h"

/* A block that is sampled but for one in 10^109. */
#define MEAN ((size_t)4096)
#define LARGE (MEAN * 256)

/* A test that starts with no profile and gives back all it takes; nothing where there are none. */
#define SAMPLES_TEST(name)                                                                         \
    static void name(void);                                                                        \
    Test(samples, name)                                                                            \
    {                                                                                              \
        size_t total_before = zmalloc_used_memory();                                               \
        if (ZM_TEST_SAMPLES)                                                                       \
            name();                                                                                \
        zmalloc_profile_stop();                                                                    \
        cr_assert_eq(zmalloc_used_memory(), total_before);                                         \
    }                                                                                              \
    static void name(void)

/* The first line, how many others there are, and the stack of the last. */
struct profile {
    size_t count, bytes, mean, lines;
    double estimate; /* as readers have it, of the lines that were read */
    unsigned depth;
    uintptr_t stack[64];
};

static inline void start(size_t mean)
{
    cr_assert_eq(zmalloc_profile_start(mean), 0);
}

static inline void read_line(struct profile *profile, const char *line)
{
    size_t count, bytes, same[2];
    int length = 0;
    if (sscanf(line, "%zu: %zu [%zu: %zu] @%n", &count, &bytes, &same[0], &same[1], &length) != 4
        || length == 0)
        return;
    REQUIRE(count == same[0] && bytes == same[1], "%s", line);
    profile->lines++;
    profile->estimate +=
        (double)bytes / -expm1(-(double)bytes / (double)count / (double)profile->mean);
    profile->depth = 0;
    for (line += length; *line == ' ' && profile->depth < 64; line += length)
        if (sscanf(line, " 0x%" SCNxPTR "%n", &profile->stack[profile->depth++], &length) != 1)
            break;
}

static inline struct profile read_profile(void)
{
    struct profile profile = {0};
    char line[2048];
    FILE *file = tmpfile();
    REQUIRE(file && zmalloc_profile_write(fileno(file)) == 0, "not written: %s", strerror(errno));
    rewind(file);
    REQUIRE(fgets(line, sizeof line, file)
                && sscanf(line, "heap profile: %zu: %zu [%*u: %*u] @ heap_v2/%zu", &profile.count,
                          &profile.bytes, &profile.mean)
                       == 3,
            "begins with %s", line);
    while (fgets(line, sizeof line, file) && strcmp(line, "\n") != 0)
        read_line(&profile, line);
    REQUIRE(fgets(line, sizeof line, file) && strcmp(line, "MAPPED_LIBRARIES:\n") == 0,
            "no mappings but %s", line);
    fclose(file);
    return profile;
}

#endif
