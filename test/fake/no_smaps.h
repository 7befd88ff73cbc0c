/* Where the system tells no private dirty pages and no smaps fields, both calls must say so. */
#ifndef FAKE_NO_SMAPS_H
#define FAKE_NO_SMAPS_H

#include <errno.h>

#include "expect.h"
#include "probe.h"

static inline void expect_no_smaps(void)
{
    size_t bytes = 7;
    errno = 0;
    expect_equal(zm_probe_private_dirty(-1, &bytes), -1);
    expect_equal(errno, ENOSYS);
    errno = 0;
    expect_equal(zm_probe_smaps_field("Rss", 3, -1, &bytes), -1);
    expect_equal(errno, ENOSYS);
    expect_equal(bytes, 7);
}

#endif
