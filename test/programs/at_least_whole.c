/* Built with _FORTIFY_SOURCE=3. Rule: a program may write all of the usable bytes that an _at_least
 * call stored, past the n it asked for, and the checks that the compiler adds let it. */
#include <string.h>

#include "total.h"

/* Inlined, so that the compiler still knows which call the block is from; with lengths that only
 * running tells, so that the check is made then. */
static inline __attribute__((always_inline)) void write_whole(char *block, size_t usable, size_t n,
                                                              const char *call)
{
    require(block && usable >= n, "%s(%zu): %p, %zu usable", call, n, (void *)block, usable);
    memset(block, (int)n, usable);
    require(zmalloc_usable(block) == usable, "%s(%zu): another size than stored", call, n);
}

static void write_fresh(size_t n)
{
    size_t usable;
    char *block = zmalloc_at_least(n, &usable);
    write_whole(block, usable, n, "zmalloc_at_least");
    zfree_with_size(block, usable);
    block = ztrymalloc_at_least(n, &usable);
    write_whole(block, usable, n, "ztrymalloc_at_least");
    zfree_with_size(block, usable);
    block = zcalloc_at_least(n, &usable);
    write_whole(block, usable, n, "zcalloc_at_least");
    zfree_with_size(block, usable);
    block = ztrycalloc_at_least(n, &usable);
    write_whole(block, usable, n, "ztrycalloc_at_least");
    zfree_with_size(block, usable);
}

static void write_resized(size_t n)
{
    size_t usable;
    char *block = zrealloc_at_least(NULL, n, &usable);
    write_whole(block, usable, n, "zrealloc_at_least");
    block = zrealloc_at_least(block, n / 2 + 1, &usable);
    write_whole(block, usable, n / 2 + 1, "zrealloc_at_least");
    block = ztryrealloc_at_least(block, 2 * n, &usable);
    write_whole(block, usable, 2 * n, "ztryrealloc_at_least");
    zfree_with_size(block, usable);
}

/* Sizes that the compiler knows. */
static void write_known_sizes(void)
{
    size_t usable;
    char *block = zmalloc_at_least(1, &usable);
    write_whole(block, usable, 1, "zmalloc_at_least");
    zfree(block);
    block = ztrymalloc_at_least(3, &usable);
    write_whole(block, usable, 3, "ztrymalloc_at_least");
    zfree(block);
    block = ztrycalloc_at_least(9, &usable);
    write_whole(block, usable, 9, "ztrycalloc_at_least");
    zfree(block);
    block = zcalloc_at_least(17, &usable);
    write_whole(block, usable, 17, "zcalloc_at_least");
    block = zrealloc_at_least(block, 33, &usable);
    write_whole(block, usable, 33, "zrealloc_at_least");
    block = ztryrealloc_at_least(block, 5, &usable);
    write_whole(block, usable, 5, "ztryrealloc_at_least");
    zfree(block);
}

int main(int argc, char **argv)
{
    unsigned long most = argument(argc, argv, 1, 3000);
    size_t before = zmalloc_used_memory();
    write_known_sizes();
    for (size_t n = 1; n <= most; n++) {
        write_fresh(n);
        write_resized(n);
    }
    require_total(before, "at the end");
    return 0;
}
