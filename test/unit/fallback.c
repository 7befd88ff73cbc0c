/* The figures on a system that tells nothing but its memory, over the libc-prefix backend. */
#include "common.h"

Test(fallback, rss_is_the_used_total)
{
    errno = EDOM;
    void *block = zmalloc(1000);
    cr_assert_eq(zmalloc_get_rss(), zmalloc_used_memory());
    cr_assert(zmalloc_get_fragmentation_ratio() == 1);
    cr_assert_eq(errno, EDOM, "the probe's errno is not to be seen where there is an answer");
    zfree(block);
}

Test(fallback, what_nobody_tells_is_enosys)
{
    errno = 0;
    cr_assert_eq(zmalloc_get_private_dirty(-1), 0);
    cr_assert_eq(errno, ENOSYS);
    errno = 0;
    cr_assert_eq(zmalloc_get_smap_bytes_by_field("Rss:", -1), 0);
    cr_assert_eq(errno, ENOSYS);
}

Test(fallback, memory_size_is_told)
{
    errno = EDOM;
    cr_assert_gt(zmalloc_get_memory_size(), 0);
    cr_assert_eq(errno, EDOM);
}
