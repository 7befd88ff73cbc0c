/* Linux's probe where statm is not to be had: stat serves, whatever the process is called. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>

#include "expect.h"
#include "probe.h"

/* What the probe calls for open(). */
int fake_open(const char *path, int flags, ...);

static int opened_stat;
static int refuses_all;

int fake_open(const char *path, int flags, ...)
{
    const char *name = strrchr(path, '/') + 1;
    if (refuses_all || strcmp(name, "statm") == 0) {
        errno = EACCES;
        return -1;
    }
    if (strcmp(name, "stat") != 0)
        return open(path, flags);
    opened_stat++;
    /* The same file; "self" is answered by emulators themselves, with 0 for much of it. */
    return open("/proc/thread-self/stat", flags);
}

int main(void)
{
    size_t bytes = 0;
    expect(prctl(PR_SET_NAME, "a) b (c") == 0);
    expect(zm_probe_rss(&bytes) == 0);
    expect(opened_stat == 1);
    expect(bytes >= 100 * 1024 && bytes < (size_t)1 << 30);

    refuses_all = 1;
    bytes = 77;
    errno = 0;
    expect(zm_probe_rss(&bytes) == -1);
    expect(errno == EACCES && bytes == 77);
    return 0;
}
