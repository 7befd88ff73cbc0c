#include "fake_sysctl.h"

#include <errno.h>
#include <string.h>
#include <sys/sysctl.h>

#include "expect.h"
#include "fake_sysconf.h"
#include "probe.h"

struct fake_sysctl fake_sysctl;

int sysctl(fake_name *name, u_int name_length, void *old, size_t *old_length,
           fake_new_value *new_value, size_t new_length)
{
    expect_equal(name_length, fake_sysctl.name_length);
    for (u_int i = 0; i < name_length; i++)
        expect_equal(name[i], fake_sysctl.name[i]);
    expect_equal(*old_length, fake_sysctl.room);
    expect(!new_value);
    expect_equal(new_length, 0);
    if (!fake_sysctl.answer) {
        errno = fake_sysctl.error;
        return -1;
    }
    memcpy(old, fake_sysctl.answer, fake_sysctl.answer_length);
    *old_length = fake_sysctl.answer_length;
    return 0;
}

typedef int probe_function(size_t *bytes);

static void expect_bytes(probe_function *probe, const void *answer, size_t length, size_t wanted)
{
    size_t bytes = 0;
    fake_sysctl.answer = answer;
    fake_sysctl.answer_length = length;
    expect_equal(probe(&bytes), 0);
    expect_equal(bytes, wanted);
}

static void expect_error(probe_function *probe, int wanted)
{
    size_t bytes = 7;
    errno = 0;
    expect_equal(probe(&bytes), -1);
    expect_equal(errno, wanted);
    expect_equal(bytes, 7);
}

static void expect_failures(probe_function *probe, const void *answer, size_t short_length)
{
    fake_sysctl.answer = answer;
    fake_sysctl.answer_length = short_length;
    expect_error(probe, EINVAL);
    fake_sysctl.answer = NULL;
    fake_sysctl.error = EPERM;
    expect_error(probe, EPERM);
}

void expect_rss_of_record(const int *name, unsigned name_length, const void *record, size_t size,
                          size_t pages)
{
    fake_sysctl = (struct fake_sysctl){.name = name, .name_length = name_length, .room = size};
    expect_bytes(zm_probe_rss, record, size, pages * FAKE_PAGE_SIZE);
    expect_failures(zm_probe_rss, record, size - 8);
}

void expect_memory_of_hardware(int which)
{
    const int name[] = {CTL_HW, which};
    uint64_t wide = (uint64_t)5 << 30;
    uint32_t narrow = 3u << 30;
    fake_sysctl = (struct fake_sysctl){.name = name, .name_length = 2, .room = sizeof wide};
    expect_bytes(zm_probe_memory_size, &wide, sizeof wide, wide < SIZE_MAX ? wide : SIZE_MAX);
    expect_bytes(zm_probe_memory_size, &narrow, sizeof narrow, narrow);
    expect_failures(zm_probe_memory_size, &wide, 2);
}
