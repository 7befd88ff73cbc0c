/* "churn, 1 thread" for callgrind to count: pairs of zfree and zmalloc, or another variant's.
 *
 *     pairs [raw|redis_style|zmalloc PAIRS]
 *
 * A run of 2N pairs less a run of N is N pairs, free of start and end. Without arguments it prints
 * what a count depends on: compiler, architecture, allocator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmalloc.h>

#include "redis_style.h"
#include "workload.h"

#define SLOTS 4096
static void *slots[SLOTS];

/* Inlined once for each variant, where the calls are direct ones. */
BENCH_INLINE void run(void *(*allocate)(size_t n), void (*release)(void *p), long pairs)
{
    uint64_t state = FIRST_RANDOM;
    for (size_t i = 0; i < SLOTS; i++)
        slots[i] = allocate(size_from(next_random(&state)));
    for (long i = 0; i < pairs; i++) {
        uint64_t random = next_random(&state);
        void **slot = &slots[random % SLOTS];
        release(*slot);
        *slot = allocate(size_from(random));
    }
}

/* Where these names are pointers, as jemalloc's are, they are read at each call. */
static inline void *allocate_raw(size_t n)
{
    return raw_malloc(n);
}

static inline void release_raw(void *p)
{
    raw_free(p);
}

int main(int argc, char **argv)
{
    const char *variant = argc == 3 ? argv[1] : "";
    long pairs = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (strcmp(variant, "raw") == 0)
        run(allocate_raw, release_raw, pairs);
    else if (strcmp(variant, "redis_style") == 0)
        run(redis_style_malloc, redis_style_free, pairs);
    else if (strcmp(variant, "zmalloc") == 0)
        run(zmalloc, zfree, pairs);
    else if (argc > 1)
        return 2;
    else
        printf("%s %s\n", BENCH_BUILD, zmalloc_lib());
    return 0;
}
