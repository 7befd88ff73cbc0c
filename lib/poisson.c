#include "poisson.h"

/* By x = m * 2^-e with m within a factor of sqrt(2) of 1, and the series of artanh. */
double zm_minus_log(double x)
{
    const double ln_2 = 0.69314718055994530942;
    double result = 0;
    for (; x < 0.70710678118654752440; x *= 2)
        result += ln_2;
    double s = (1 - x) / (1 + x), square = s * s, power = s;
    for (int i = 1; i <= 15; i += 2) {
        result += 2 * power / i;
        power *= square;
    }
    return result;
}

/* By the series at x / 1024, and 1 - exp(-2x) = p (2 - p), p = 1 - exp(-x). */
double zm_one_minus_exp(double x)
{
    if (x > 40)
        return 1;
    double small = x / 1024;
    double p = small * (1 - small / 2 * (1 - small / 3 * (1 - small / 4 * (1 - small / 5))));
    for (int i = 0; i < 10; i++)
        p *= 2 - p;
    return p;
}

/* Above 0, and at most 1. */
static double random_unit(uint64_t *state)
{
    return (double)((zm_random(state) >> 11) + 1) / 9007199254740992.0; /* 2^53 */
}

size_t zm_next_gap(uint64_t *state, size_t mean)
{
    double gap = zm_minus_log(random_unit(state)) * (double)mean;
    return gap < (double)(SIZE_MAX / 2) ? (size_t)gap : SIZE_MAX / 2;
}

uint64_t zm_weighted_bytes(size_t size, size_t mean)
{
    double bytes = (double)size;
    return (uint64_t)(bytes / zm_one_minus_exp(bytes / (double)mean) + 0.5);
}

bool zm_keeps_sample(uint64_t *state, size_t size, size_t most, size_t mean)
{
    double chance = zm_one_minus_exp((double)size / (double)mean);
    return random_unit(state) * zm_one_minus_exp((double)most / (double)mean) <= chance;
}
