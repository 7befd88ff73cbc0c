#include "fake_sysconf.h"

#include <unistd.h>

#include "expect.h"

long fake_physical_pages = 1;

long fake_sysconf(int name);

long fake_sysconf(int name)
{
    if (name == _SC_PAGESIZE)
        return FAKE_PAGE_SIZE;
    expect_equal(name, _SC_PHYS_PAGES);
    return fake_physical_pages;
}
