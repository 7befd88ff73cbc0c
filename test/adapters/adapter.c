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

void require_work_in(zgroup *group, void (*work)(void), size_t least)
{
    watched = group;
    before = figure();
    highest = 0;
    work();
    require(highest >= least, "the work held %zu bytes, and not %zu", highest, least);
    require(figure() == before, "%zd bytes are left", (ssize_t)(figure() - before));
}

void require_work(void (*work)(void), size_t least)
{
    require_work_in(NULL, work, least);
}

static size_t fail_each(void (*work)(void), size_t most, bool is_exact)
{
    size_t count = 0;
    for (bool has_failed = true; has_failed && (most == 0 || count < most);) {
        size_t total = zmalloc_used_memory();
        zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NTH, count + 1);
        work();
        zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NONE, 0);
        ssize_t lost = (ssize_t)(zmalloc_used_memory() - total);
        require(!is_exact || lost == 0, "%zd bytes are lost when allocation %zu fails", lost,
                count + 1);
        has_failed = zmalloc_failed(ZMALLOC_ALL_THREADS) != 0;
        count += has_failed;
    }
    return count;
}

void require_work_under_failures(void (*work)(void), size_t most)
{
    printf("each of %zu allocations failed in turn, and nothing was lost\n",
           fail_each(work, most, true));
}

void work_under_failures(void (*work)(void))
{
    printf("each of %zu allocations failed in turn\n", fail_each(work, 0, false));
}
