/* Chance for the samples of sample.c: a Poisson process over allocated bytes, and what a block that
 * it met stands for. Without libm, of which no program needs to be told. Idea: gperftools'
 * sampler.h. */
#ifndef ZM_POISSON_H
#define ZM_POISSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A step of a generator of random numbers, SplitMix64 (Steele, Lea, Flood, 2014). */
static inline uint64_t zm_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Minus the natural logarithm of x, 0 < x <= 1, to 12 digits. */
double zm_minus_log(double x);

/* 1 - exp(-x), x >= 0, to 12 digits. */
double zm_one_minus_exp(double x);

/* Bytes up to the next sample: exponential, `mean` on average. */
size_t zm_next_gap(uint64_t *state, size_t mean);

/* Whether to keep a sample that was drawn with the chance of `most` bytes, and has fewer. */
bool zm_keeps_sample(uint64_t *state, size_t size, size_t most, size_t mean);

/* The bytes that a sampled block of `size` stands for: those of all like it, of which it is the one
 * that was met. */
uint64_t zm_weighted_bytes(size_t size, size_t mean);

#endif
