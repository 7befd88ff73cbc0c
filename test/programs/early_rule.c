/* A rule that is set before main, in an archive's case also before the library's constructor. */
#include "check.h"
#include "zmalloc.h"

static int set_early;

__attribute__((constructor)) static void set_rule(void)
{
    set_early = zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_EVERY, 2);
}

int main(void)
{
    require(set_early == 0, "no rule could be set before main");
    void *first = ztrymalloc(100);
    void *second = ztrymalloc(100);
    require(first && !second, "every second allocation was to fail, and %s",
            first ? "did not" : "the first did");
    require(zmalloc_failed(ZMALLOC_ALL_THREADS) == 1, "%zu allocations failed, not 1",
            zmalloc_failed(ZMALLOC_ALL_THREADS));
    zfree(first);
    return 0;
}
