/* Rule: what was freed goes back to the system by zmalloc_purge: of small blocks of which a few are
 * left, as a cache leaves it, where the allocator gives pages back and not only whole segments; and
 * of all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "total.h"

enum { BLOCK = 1000, BLOCKS = 64000, LEFT = 64 };

static char *blocks[BLOCKS];

/* Resident before anything was allocated, an emulator's own 170 MiB among it. */
static size_t empty;

static void require_purged(size_t full, bool it_can, const char *what)
{
    errno = EDOM;
    zmalloc_purge();
    require(errno == EDOM, "errno was set to %d", errno);
    size_t left = zmalloc_get_rss();
    printf("%zu MiB resident, %zu MiB after %s and purged\n", full >> 20, left >> 20, what);
    require(left < empty + (full - empty) / 2 || !it_can, "%zu bytes of %zu are still resident",
            left, full);
}

int main(void)
{
    empty = zmalloc_get_rss();
    for (int i = 0; i < BLOCKS; i++)
        memset(blocks[i] = zmalloc(BLOCK), 1, BLOCK);
    size_t full = zmalloc_get_rss();
    for (int i = 0; i < BLOCKS; i++)
        if (i % (BLOCKS / LEFT) != 0)
            zfree(blocks[i]);
    require_purged(full, TEST_PURGES_PAGES, "most was freed");
    for (int i = 0; i < BLOCKS; i += BLOCKS / LEFT) {
        require(blocks[i][BLOCK - 1] == 1, "block %d was lost", i);
        zfree(blocks[i]);
    }
    require_purged(full, TEST_PURGES, "all was freed");
    return 0;
}
