/* Random numbers, and the sizes that programs ask for. Inlined everywhere: every variant's loop is
 * the same. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_INLINE static inline __attribute__((always_inline))

#define FIRST_RANDOM 0x9E3779B97F4A7C15u

/* Marsaglia's xorshift64. */
BENCH_INLINE uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

/* 16 to 271 bytes, and for one in 16 up to 753 more. Masked instead of branched to: a mispredicted
 * branch would cost more than what is measured. */
BENCH_INLINE size_t size_from(uint64_t random)
{
    size_t usual = 16 + (random >> 16 & 255);
    size_t tail = (random >> 32 & 0xFFFF) * 754 >> 16;
    size_t in_tail = (size_t)0 - ((random >> 24 & 15) == 0);
    return usual + (tail & in_tail);
}

#endif
