/* What a program tells the counter, and asks it, of itself. */
#include <errno.h>

#include "counter.h"
#include "limit.h"
#include "zmalloc.h"

int zmalloc_charge(size_t n)
{
    enum zm_added added = n <= PTRDIFF_MAX ? zm_add(n) : ZM_REFUSED;
    if (added == ZM_REFUSED) {
        errno = ENOMEM;
        return -1;
    }
    if (added == ZM_LOOK)
        zm_look();
    return 0;
}

void zmalloc_discharge(size_t n)
{
    zm_discharge(n);
}

int zmalloc_get_thread_memory(uint64_t *allocated, uint64_t *freed)
{
    size_t counts[2];
    if (!zm_get_thread_totals(&counts[0], &counts[1])) {
        errno = ENOSYS;
        return -1;
    }
    if (allocated)
        *allocated = counts[0];
    if (freed)
        *freed = counts[1];
    return 0;
}
