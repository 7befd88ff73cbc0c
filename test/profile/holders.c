/* Holds 60, 30 and 10 MiB by three functions, and writes its profile. For each function it prints
 * what that holds, and the standard error of a profile's estimate of it, in MiB: a block of s bytes
 * is sampled with a chance of p = 1 - exp(-s / mean) and then counts as s / p.
 *
 *     holders FILE MEAN */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmalloc.h>

#define MIB 1048576.0

struct held {
    double bytes, variance;
};

static double mean;
static void *volatile last_block; /* all are kept: the process holds them to its end */

static void hold(struct held *held, size_t n, void *block, size_t unsampled)
{
    double size = (double)unsampled, chance = -expm1(-size / mean);
    if (!block) {
        fprintf(stderr, "holders: no memory for %zu bytes\n", n);
        exit(1);
    }
    last_block = block;
    held->bytes += size;
    held->variance += size * size * (1 - chance) / chance;
}

/* What a block of n bytes is charged, before anything is sampled. */
static size_t charge_of(size_t n)
{
    void *block = zmalloc(n);
    size_t size = zmalloc_size(block);
    zfree(block);
    return size;
}

#define HOLDER __attribute__((noinline)) static struct held

HOLDER small_blocks(size_t charge)
{
    struct held held = {0};
    while (held.bytes < 60 * MIB)
        hold(&held, 100, zmalloc(100), charge);
    return held;
}

HOLDER large_blocks(size_t charge)
{
    struct held held = {0};
    while (held.bytes < 30 * MIB)
        hold(&held, 300000, ztrycalloc(300000), charge);
    return held;
}

HOLDER grown_blocks(size_t charge)
{
    struct held held = {0};
    while (held.bytes < 10 * MIB)
        hold(&held, 3000, zrealloc(zmalloc(10), 3000), charge);
    return held;
}

static void print(const char *name, struct held held)
{
    printf("%s %.3f %.3f\n", name, held.bytes / MIB, sqrt(held.variance) / MIB);
}

int main(int argc, char **argv)
{
    size_t charges[] = {charge_of(100), charge_of(300000), charge_of(3000)};
    int fd = argc == 3 ? open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    mean = argc == 3 ? strtod(argv[2], NULL) : 0;
    if (fd == -1 || zmalloc_profile_start((size_t)mean) != 0) {
        perror("holders FILE MEAN");
        return 1;
    }
    print("small_blocks", small_blocks(charges[0]));
    print("large_blocks", large_blocks(charges[1]));
    print("grown_blocks", grown_blocks(charges[2]));
    return zmalloc_profile_write(fd) == 0 && close(fd) == 0 ? 0 : 1;
}
