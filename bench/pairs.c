/* Runs pairs of free and malloc over 4,096 slots, one way, for callgrind to count:
 *
 *     pairs raw|classic|zmalloc PAIRS
 *
 * A run of 2N pairs and a run of N differ by exactly the last N pairs, free of start and end.
 * `pairs --describe` prints what a count depends on: compiler, architecture, allocator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmalloc.h>

#include "classic.h"
#include "work.h"
#include BENCH_RAW_HEADER

#ifdef __clang__
#define COMPILER "clang-%d", __clang_major__
#else
#define COMPILER "gcc-%d", __GNUC__
#endif

#define SLOTS 4096

static void *slots[SLOTS];

typedef void *malloc_function(size_t n);
typedef void free_function(void *p);

/* Inlined into each way's function below, so that its calls are direct ones there. */
static inline __attribute__((always_inline)) void run(malloc_function *allocate,
                                                      free_function *release, long pairs)
{
    uint64_t state = FIRST_RANDOM;
    for (size_t i = 0; i < SLOTS; i++)
        slots[i] = allocate(size_from(next_random(&state)));
    for (long i = 0; i < pairs; i++) {
        uint64_t random = next_random(&state);
        void **slot = &slots[slot_from(random, SLOTS)];
        release(*slot);
        *slot = allocate(size_from(random));
    }
}

static void run_raw(long pairs)
{
    run(raw_malloc, raw_free, pairs);
}

static void run_classic(long pairs)
{
    run(classic_malloc, classic_free, pairs);
}

static void run_zmalloc(long pairs)
{
    run(zmalloc, zfree, pairs);
}

static int describe(void)
{
    printf(COMPILER);
    printf(" %s %s\n", BENCH_ARCH, zmalloc_lib());
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: pairs raw|classic|zmalloc PAIRS\n       pairs --describe\n");
    return 2;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--describe") == 0)
        return describe();
    long pairs = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (pairs <= 0)
        return usage();
    if (strcmp(argv[1], "raw") == 0)
        run_raw(pairs);
    else if (strcmp(argv[1], "classic") == 0)
        run_classic(pairs);
    else if (strcmp(argv[1], "zmalloc") == 0)
        run_zmalloc(pairs);
    else
        return usage();
    return 0;
}
