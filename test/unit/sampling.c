/* Sampling from inside: chance, by a seed that makes it the same each time, and the table. */
#include <math.h>
#include <pthread.h>
#include <sys/resource.h>

#include "common.h"
#include "poisson.h"
#include "sample.h"
#include "sample_table.h"

Test(sampling, logarithm_and_exponential_are_those_of_libm)
{
    for (double x = 1e-16; x <= 1; x *= 1.1) {
        REQUIRE(fabs(zm_minus_log(x) + log(x)) <= 1e-12 * (1 - log(x)), "log of %g", x);
        for (double y = x; y < 100; y *= 1e8)
            REQUIRE(fabs(zm_one_minus_exp(y) + expm1(-y)) <= 1e-12 * -expm1(-y), "exp of %g", y);
    }
    cr_assert_eq((size_t)zm_minus_log(1), 0);
    cr_assert_eq((size_t)zm_one_minus_exp(1e9), 1);
}

/* The standard error of the mean of n exponential gaps is mean / sqrt(n), and so is that of their
 * spread, but for a factor of sqrt(2). */
Test(sampling, gaps_are_exponential)
{
    enum { N = 100000 };
    uint64_t state = 1;
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        double gap = (double)zm_next_gap(&state, 1000000) / 1000000;
        sum += gap;
        squares += gap * gap;
    }
    double mean = sum / N, variance = squares / N - mean * mean;
    REQUIRE(fabs(mean - 1) < 3 / sqrt(N), "mean %g", mean);
    REQUIRE(fabs(sqrt(variance) - 1) < 3 * sqrt(2) / sqrt(N), "spread %g", sqrt(variance));
}

Test(sampling, weights_are_those_of_the_formula)
{
    cr_assert_eq(zm_weighted_bytes(1 << 20, 1 << 10), 1 << 20);
    cr_assert_eq(zm_weighted_bytes(1, 1 << 20), (1 << 20) + 1);
    cr_assert_eq(zm_weighted_bytes(524288, 524288), 829411);
}

/* Sampled bytes by weight, against all, within three standard errors: each size by itself. */
Test(sampling, each_size_is_sampled_without_bias)
{
    const size_t sizes[] = {16, 112, 4096, 100000, 524288, 3000000}, mean = 524288;
    zm_store(&zm_profile_mean, mean);
    zm_store(&zm_is_sampling, 1);
    zm_sample_seed(42);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t count = ((size_t)128 << 20) / sizes[i];
        double chance = -expm1(-(double)sizes[i] / (double)mean), sampled = 0;
        for (size_t j = 0; j < count; j++)
            sampled += zm_sample_is_due(sizes[i]);
        double error = sqrt((double)count * chance * (1 - chance));
        REQUIRE(fabs(sampled - (double)count * chance) <= 3 * error + 1e-9,
                "of %zu bytes %g of %zu, not %g", sizes[i], sampled, count, (double)count * chance);
    }
}

/* Drawn as larger than it is, a block is kept as often as makes up for it. */
Test(sampling, what_was_drawn_as_too_large_is_kept_by_its_own_chance)
{
    enum { N = 100000 };
    uint64_t state = 3;
    double chance = expm1(-0.2) / expm1(-0.7), kept = 0;
    for (int i = 0; i < N; i++)
        kept += zm_keeps_sample(&state, 200000, 700000, 1000000);
    REQUIRE(fabs(kept / N - chance) < 3 * sqrt(chance * (1 - chance) / N), "%g, not %g", kept / N,
            chance);
}

static size_t bytes_to_first_sample(size_t seed)
{
    zm_store(&zm_is_sampling, 1);
    zm_store(&zm_profile_mean, 10000);
    zm_sample_seed(seed);
    size_t bytes = 0;
    while (!zm_sample_is_due(1))
        bytes++;
    return bytes;
}

Test(sampling, a_seed_makes_it_the_same_each_time)
{
    size_t first = bytes_to_first_sample(7);
    cr_assert_eq(bytes_to_first_sample(7), first);
    cr_assert_neq(bytes_to_first_sample(8), first);
}

/* ---- The table ---- */

static const struct zm_sample_facts some_facts = {
    .size = 5, .mean = 6, .depth = 2, .stack = {7, 8}};

static void *address(size_t i)
{
    return (void *)(uintptr_t)((i + 1) * 4096);
}

static size_t count_samples(void)
{
    struct zm_sample_facts facts;
    size_t count = 0;
    for (size_t at = 0; at < zm_sample_places(); at++)
        if (zm_sample_read(at, &facts)) {
            REQUIRE(facts.size == 5 && facts.mean == 6 && facts.depth == 2 && facts.stack[1] == 8,
                    "other facts");
            count++;
        }
    return count;
}

Test(sampling, the_table_grows_and_finds_all)
{
    enum { N = 60000 };
    cr_assert(zm_sample_table_open());
    size_t places = zm_sample_places();
    for (size_t i = 0; i < N; i++)
        REQUIRE(zm_sample_put(address(i), &some_facts), "no place for %zu", i);
    cr_assert_gt(zm_sample_places(), places);
    cr_assert_eq(count_samples(), N);
    for (size_t i = 0; i < N; i++) {
        struct zm_sample *sample = zm_sample_take(address(i));
        REQUIRE(sample && !zm_sample_take(address(i)), "%zu was not there once", i);
        if (i % 2)
            zm_sample_put_back(sample, address(i));
        else
            zm_sample_drop(sample);
    }
    cr_assert_eq(count_samples(), N / 2);
    cr_assert_null(zm_sample_take(address(0)));
    cr_assert_null(zm_sample_take(address(N)));
}

Test(sampling, a_full_table_drops_what_comes)
{
    if (UNDER_ADDRESS_SANITIZER || UNDER_THREAD_SANITIZER || UNDER_MEMORY_SANITIZER
        || ZM_TEST_EMULATED)
        return; /* they need memory of their own; an emulator does not keep to the limit */
    cr_assert(zm_sample_table_open());
    struct rlimit none = {1, 1};
    cr_assert_eq(setrlimit(RLIMIT_AS, &none), 0);
    size_t kept = 0;
    while (kept < 100000 && zm_sample_put(address(kept), &some_facts))
        kept++;
    REQUIRE(kept > 500 && kept < 100000, "%zu of %zu places", kept, zm_sample_places());
    struct zm_sample *sample = zm_sample_take(address(0));
    cr_assert_not_null(sample);
    zm_sample_drop(sample);
    cr_assert(zm_sample_put(address(0), &some_facts));
}

/* Readers see a sample whole or not at all, while places are used again and again. */
static ZM_ATOMIC(int) is_done;

static void *come_and_go(void *self)
{
    struct zm_sample_facts facts = {.size = (size_t)(uintptr_t)self, .depth = ZM_MOST_FRAMES};
    for (int i = 0; i < 20000; i++) {
        facts.mean = facts.size + (size_t)i;
        for (int j = 0; j < ZM_MOST_FRAMES; j++)
            facts.stack[j] = facts.mean;
        REQUIRE(zm_sample_put(self, &facts), "no place");
        zm_sample_drop(zm_sample_take(self));
    }
    zm_store(&is_done, 1);
    return NULL;
}

Test(sampling, what_is_read_is_of_one_sample)
{
    pthread_t threads[2];
    struct zm_sample_facts facts;
    cr_assert(zm_sample_table_open());
    for (size_t i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, come_and_go, address(i));
    while (!zm_load(&is_done))
        for (size_t at = 0; at < zm_sample_places(); at++)
            if (zm_sample_read(at, &facts))
                for (int j = 0; j < ZM_MOST_FRAMES; j++)
                    REQUIRE(facts.stack[j] == facts.mean, "torn");
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
