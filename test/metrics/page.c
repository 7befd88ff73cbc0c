/* Writes a page with all figures, and groups of every kind of name, to standard output. The paths
 * and what they hold are in test_metrics.py. */
#include <stdio.h>
#include <stdlib.h>

#include "zmalloc/prometheus.h"

static zgroup *held(const char *name, zgroup *parent, size_t limit, size_t bytes)
{
    zgroup *group = zgroup_new(name, parent, limit);
    if (!group || zgroup_charge(group, bytes) != 0)
        exit(1);
    return group;
}

int main(void)
{
    static char page[1 << 16];
    zmalloc_set_hard_limit((size_t)1 << 30);
    zmalloc_set_soft_limit((size_t)1 << 29, NULL, NULL);
    zgroup *a = held("a", NULL, 1 << 20, 1);
    held("b", a, 0, 2);
    held("b", a, 0, 4);
    held("a/b", NULL, 0, 8);
    held("", NULL, 0, 16);
    held("} 1 # \"quoted\", \\n and \\\\", a, 0, 32);
    held("two\nlines\r\n", NULL, 500, 64);
    held("\\", a, 0, 128);
    held("caf\xc3\xa9 \xf0\x9f\x98\x80", NULL, 0, 256);
    held("Latin-1 \xe9\xff", NULL, 0, 512);
    size_t length = zmalloc_prometheus_info(
        page, sizeof page, ZMALLOC_INFO_TOTAL | ZMALLOC_INFO_SYSTEM | ZMALLOC_INFO_ALLOCATOR);
    return length >= sizeof page || fwrite(page, 1, length, stdout) != length;
}
