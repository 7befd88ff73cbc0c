#include <errno.h>

#include "calls.h"
#include "check.h"
#include "total.h"

/* Two allocations where there is memory. */
static void allocate_twice(void *unused)
{
    (void)unused;
    void *block = ztrymalloc(100);
    void *resized = block ? ztryrealloc(block, 200) : NULL;
    zfree(resized ? resized : block);
}

static void check_one_rule(void)
{
    errno = UNTOUCHED;
    require(zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 1) == 0, "no rule was set");
    require(errno == UNTOUCHED, "setting a rule set errno to %d", errno);
    void *block = ztrymalloc(10);
    require(!block && errno == ENOMEM, "ztrymalloc gave %p by a rule, errno %d", block, errno);
    require(zmalloc_failed(ZMALLOC_THIS_THREAD) == 1, "the rule failed %zu allocations",
            zmalloc_failed(ZMALLOC_THIS_THREAD));
    require(zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0) == 0, "the rule did not end");
    require(zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_EVERY, 0) == -1 && errno == EINVAL,
            "an impossible rule was set, or errno is %d", errno);
}

void check_failing_on_purpose(const struct supply *supply)
{
    size_t before = zmalloc_used_memory(), nth;
    check_one_rule();
    int lost = zmalloc_fail_each(ZMALLOC_THIS_THREAD, allocate_twice, NULL, &nth);
    require(lost == 0, "zmalloc_fail_each found that memory was lost");
    require(nth == 3 || (supply->no_memory && nth < 3), "zmalloc_fail_each went to %zu", nth);
    require_total(before, "after allocations that failed on purpose");
}
