/* lib/probe/generic.c, and lib/probe/sysconf_memory.c that Solaris shares with it. */
#include <limits.h>

#include "fake_sysconf.h"
#include "no_smaps.h"

int main(void)
{
    size_t bytes = 7;
    errno = 0;
    expect_equal(zm_probe_rss(&bytes), -1);
    expect_equal(errno, ENOSYS);

    errno = 0;
    fake_physical_pages = -1;
    expect_equal(zm_probe_memory_size(&bytes), -1);
    expect_equal(errno, ENOSYS);
    expect_equal(bytes, 7);

    fake_physical_pages = 12345;
    expect_equal(zm_probe_memory_size(&bytes), 0);
    expect_equal(bytes, 12345 * FAKE_PAGE_SIZE);
    fake_physical_pages = LONG_MAX;
    expect_equal(zm_probe_memory_size(&bytes), 0);
    expect_equal(bytes, SIZE_MAX);

    expect_no_smaps();
    return 0;
}
