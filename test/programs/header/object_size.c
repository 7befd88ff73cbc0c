/* Rule: the compiler is told how long a block is, so that its own checks (_FORTIFY_SOURCE) see an
 * overflow; of a block from an _at_least call it knows nothing. Needs optimisation. */
#include "total.h"

#define require_known(call, n) require_size(call, n, #call)

static inline __attribute__((always_inline)) void require_size(void *block, size_t n,
                                                               const char *call)
{
    size_t known = __builtin_object_size(block, 0);
    require(known == n, "of %s the compiler knows %zu bytes, not %zu", call, known, n);
    zfree(block);
}

int main(void)
{
    const size_t unknown = (size_t)-1;
    size_t usable;
    require_known(zmalloc(10), 10);
    require_known(zcalloc(11), 11);
    require_known(zcalloc_num(3, 4), 12);
    require_known(zaligned_alloc(64, 13), 13);
    require_known(zmalloc_no_tcache(14), 14);
    require_known(zrealloc(NULL, 15), 15);
    require_known(ztrymalloc(16), 16);
    require_known(ztrycalloc(17), 17);
    require_known(ztrycalloc_num(2, 9), 18);
    require_known(ztryaligned_alloc(32, 19), 19);
    require_known(ztryrealloc(NULL, 20), 20);
    require_known(zmalloc_at_least(1, &usable), unknown);
    require_known(zcalloc_at_least(1, &usable), unknown);
    require_known(zrealloc_at_least(NULL, 1, &usable), unknown);
    require_known(ztrymalloc_at_least(1, &usable), unknown);
    require_known(ztrycalloc_at_least(1, &usable), unknown);
    require_known(ztryrealloc_at_least(NULL, 1, &usable), unknown);
    return 0;
}
