#include "total.h"

void require_total(size_t before, const char *when)
{
    size_t now = zmalloc_used_memory();
    require(now == before, "the total is %zu, not %zu (%+ld), %s", now, before,
            (long)(now - before), when);
}
