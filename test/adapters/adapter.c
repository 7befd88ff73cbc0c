#include "adapter.h"

#include <stdlib.h>

static zgroup *watched;
static size_t before, highest;

static size_t figure(void)
{
    return watched ? zgroup_used(watched) : zmalloc_used_memory();
}

size_t held(void)
{
    size_t now = figure() - before;
    highest = now > highest ? now : highest;
    return now;
}

void require_work_in(zgroup *group, bool (*work)(void), size_t least)
{
    watched = group;
    before = figure();
    highest = 0;
    require(work(), "the work was not done, and no allocation failed");
    require(highest >= least, "the work held %zu bytes, and not %zu", highest, least);
    require(figure() == before, "%zd bytes are left", (ssize_t)(figure() - before));
}

void require_work(bool (*work)(void), size_t least)
{
    require_work_in(NULL, work, least);
}

void require_work_under_failures(bool (*work)(void), size_t least)
{
    size_t total = zmalloc_used_memory(), count = 0, undone = 0;
    for (bool has_failed = true; has_failed;) {
        zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NTH, count + 1);
        bool done = work();
        zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NONE, 0);
        require(zmalloc_used_memory() == total, "%zd bytes are lost when allocation %zu fails",
                (ssize_t)(zmalloc_used_memory() - total), count + 1);
        has_failed = zmalloc_failed(ZMALLOC_ALL_THREADS) != 0;
        require(done || has_failed, "the work was not done, and no allocation failed");
        count += has_failed;
        undone += !done;
    }
    require(count >= least, "%zu allocations failed, and not %zu", count, least);
    require(undone > 0, "the work is said to be done whichever allocation fails");
    printf("each of %zu allocations failed in turn, and nothing was lost\n", count);
}
