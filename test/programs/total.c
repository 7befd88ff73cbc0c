#include "total.h"

#include <stdlib.h>
#include <time.h>

void require_total(size_t before, const char *when)
{
    size_t now = zmalloc_used_memory();
    require(now == before, "the total is %zu, not %zu (%+ld), %s", now, before,
            (long)(now - before), when);
}

static double processor_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double reading_cost(void)
{
    enum { TRIES = 100, READS = 200 };
    double least = 0;
    for (int try = 0; try < TRIES; try++) {
        double start = processor_nanoseconds();
        for (int i = 0; i < READS; i++)
            zmalloc_used_memory();
        double cost = (processor_nanoseconds() - start) / READS;
        if (try == 0 || cost < least)
            least = cost;
    }
    return least;
}

bool times_count(void)
{
    return !getenv("CHECK_UNTIMED");
}

void require_cheap_reading(double cost_before, const char *when)
{
    if (!times_count())
        return;
    double cost = reading_cost();
    require(cost <= 5 * cost_before, "reading the total takes %.0f ns %s, and took %.0f ns before",
            cost, when, cost_before);
}
