/* Memory in huge pages (hugetlb), which the kernel leaves out of statm, Rss and Private_Dirty.
 * Rules: the resident bytes have them, and so have the private dirty ones; a field of smaps is what
 * the kernel calls by that name.
 *
 * Where the system has none free, root allows some for as long as this takes: that reserves no
 * memory. */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "zmalloc.h"

#ifndef MAP_HUGETLB
#define MAP_HUGETLB 0
#endif

enum { PAGES = 4 };

/* What else the process may grow by between two looks at it. */
static const ptrdiff_t growth = 1 << 20;

static const char limit_file[] = "/proc/sys/vm/nr_overcommit_hugepages";

static size_t huge_page_size(void)
{
    FILE *meminfo = fopen("/proc/meminfo", "r");
    char line[256];
    size_t kibibytes = 0;
    while (meminfo && fgets(line, sizeof line, meminfo))
        sscanf(line, "Hugepagesize: %zu kB", &kibibytes);
    if (meminfo)
        fclose(meminfo);
    return kibibytes * 1024;
}

static char *map_huge(size_t size)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
    char *area = MAP_HUGETLB ? mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0) : MAP_FAILED;
    return area == MAP_FAILED ? NULL : area;
}

static unsigned long read_limit(int fd)
{
    char text[32] = "";
    require(pread(fd, text, sizeof text - 1, 0) > 0, "%s cannot be read", limit_file);
    return strtoul(text, NULL, 10);
}

static void write_limit(int fd, unsigned long pages)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%lu\n", pages);
    if (pwrite(fd, text, (size_t)length, 0) != length)
        skip("the system allows no huge pages.");
}

/* Several such tests may run at once, and what they have got counts. A page that is there when the
 * limit is lowered stays. */
static char *map_beyond_limit(size_t size)
{
    int fd = open(limit_file, O_RDWR | O_CLOEXEC);
    if (fd == -1)
        skip("the system has no free huge pages, and only root may allow some.");
    require(flock(fd, LOCK_EX) == 0, "%s cannot be locked", limit_file);
    unsigned long limit = read_limit(fd);
    write_limit(fd, limit + 16 * PAGES);
    char *area = map_huge(size);
    write_limit(fd, limit);
    close(fd);
    return area;
}

struct figures {
    size_t rss, info_rss, dirty, dirty_by_pid, dirty_field, huge_field;
};

static struct figures ask(void)
{
    struct zmalloc_info info;
    zmalloc_get_info(&info, sizeof info, ZMALLOC_INFO_SYSTEM);
    return (struct figures){
        .rss = zmalloc_get_rss(),
        .info_rss = (size_t)info.rss,
        .dirty = zmalloc_get_private_dirty(-1),
        .dirty_by_pid = zmalloc_get_private_dirty((long)getpid()),
        .dirty_field = zmalloc_get_smap_bytes_by_field("Private_Dirty:", -1),
        .huge_field = zmalloc_get_smap_bytes_by_field("Private_Hugetlb:", -1),
    };
}

static void require_grown(const char *name, size_t before, size_t after, size_t size)
{
    ptrdiff_t beyond = (ptrdiff_t)(after - before - size);
    require(beyond >= -growth && beyond <= growth, "%s grew by %td bytes, not by %zu", name,
            (ptrdiff_t)(after - before), size);
}

static void require_all_grown(const struct figures *before, const struct figures *after,
                              size_t size)
{
    require_grown("Private_Hugetlb", before->huge_field, after->huge_field, size);
    require_grown("Private_Dirty", before->dirty_field, after->dirty_field, 0);
    require_grown("the resident size", before->rss, after->rss, size);
    require_grown("the resident size of zmalloc_get_info", before->info_rss, after->info_rss, size);
    require_grown("private dirty", before->dirty, after->dirty, size);
    require_grown("private dirty by pid", before->dirty_by_pid, after->dirty_by_pid, size);
}

int main(void)
{
    size_t page = huge_page_size(), size = PAGES * page;
    if (page == 0)
        skip("the system has no huge pages.");
    char *area = map_huge(size);
    if (!area)
        area = map_beyond_limit(size);
    if (!area)
        skip("the system has no memory for huge pages.");
    struct figures before = ask();
    for (size_t at = 0; at < size; at += page)
        ((volatile char *)area)[at] = 1;
    struct figures with = ask();
    require_all_grown(&before, &with, size);
    munmap(area, size);
    struct figures after = ask();
    require_all_grown(&after, &before, 0);
    return 0;
}
