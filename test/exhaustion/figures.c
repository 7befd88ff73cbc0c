#include "figures.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "calls.h"
#include "check.h"
#include "zmalloc.h"

/* `expected` is 0 for a figure that is to be had, else the errno of one that is not. */
static void require_figure(const char *name, size_t figure, int expected)
{
    int got = errno;
    if (expected == 0) {
        require(figure > 0, "%s is 0, errno %d", name, got);
        require(figure <= SIZE_MAX / 2, "%s is %zu", name, figure);
        require(got == UNTOUCHED, "%s succeeded and set errno to %d", name, got);
    } else {
        require(figure == 0, "%s is %zu where it cannot be known", name, figure);
        require(got == expected, "%s failed with errno %d, not %d", name, got, expected);
    }
    errno = UNTOUCHED;
}

static void check_rss(const struct supply *supply)
{
    errno = UNTOUCHED;
    require_figure("zmalloc_get_rss", zmalloc_get_rss(), supply->rss_errno);
    void *block = ztrymalloc(100);
    size_t used = zmalloc_used_memory();
    float ratio = zmalloc_get_fragmentation_ratio();
    require((ratio > 0) == (used > 0 && !supply->rss_errno),
            "the fragmentation ratio is %g with %zu bytes in use", (double)ratio, used);
    zfree(block);
}

static int parents_errno(const struct supply *supply)
{
    if (supply->parents_errno != BY_OWNER)
        return supply->parents_errno;
    return kill(getppid(), 0) == 0 ? 0 : EACCES;
}

static void check_smaps(const struct supply *supply)
{
    int parents = parents_errno(supply);
    errno = UNTOUCHED;
    require_figure("private dirty", zmalloc_get_private_dirty(-1), supply->smaps_errno);
    require_figure("private dirty by pid", zmalloc_get_private_dirty((long)getpid()),
                   supply->smaps_errno);
    require_figure("smaps' Rss:", zmalloc_get_smap_bytes_by_field("Rss:", -1), supply->smaps_errno);
    require_figure("smaps' Size:", zmalloc_get_smap_bytes_by_field("Size:", -1),
                   supply->smaps_errno);
    require_figure("the parent's private dirty", zmalloc_get_private_dirty((long)getppid()),
                   parents);
    require_figure("a field that smaps does not have",
                   zmalloc_get_smap_bytes_by_field("Nonesuch:", -1),
                   supply->smaps_errno ? supply->smaps_errno : ENODATA);
    require_figure("an empty field", zmalloc_get_smap_bytes_by_field("", -1), EINVAL);
    require_figure("a field of pid 0", zmalloc_get_smap_bytes_by_field("Rss:", 0), EINVAL);
    require_figure("private dirty of pid 0", zmalloc_get_private_dirty(0), EINVAL);
}

static void check_allocator_info(const struct supply *supply)
{
    size_t allocated = 1, active = 1, resident = 1;
    errno = UNTOUCHED;
    int told = zmalloc_get_allocator_info(&allocated, &active, &resident);
    require(errno == UNTOUCHED, "allocator info set errno to %d", errno);
    require(told == (TEST_ALLOCATOR_TELLS != TEST_TELLS_NOTHING) || supply->no_memory,
            "allocator info returned %d", told);
    require(told || (allocated == 0 && active == 0 && resident == 0), "allocator info: %zu %zu %zu",
            allocated, active, resident);
    require(resident <= SIZE_MAX / 2
                && (!active || (allocated <= active && (!resident || active <= resident))),
            "allocator info: %zu bytes allocated, %zu active, %zu resident", allocated, active,
            resident);
    zmalloc_get_allocator_info(NULL, NULL, NULL);
    require(errno == UNTOUCHED, "allocator info of nothing set errno to %d", errno);
}

static void check_info(void)
{
    struct zmalloc_info info;
    errno = UNTOUCHED;
    require(zmalloc_get_info(&info, sizeof info, ~0U) == 0, "zmalloc_get_info failed");
    require(errno == UNTOUCHED, "zmalloc_get_info set errno to %d", errno);
    require(info.used == zmalloc_used_memory(), "zmalloc_get_info: %ju used", (uintmax_t)info.used);
    require(info.rss != 0 && info.memory_size != 0, "zmalloc_get_info: 0 for an unknown figure");
}

/* Some C libraries read the size of the machine's memory from /proc. 32 bits may not hold it. */
static void check_memory_size(const struct supply *supply)
{
    errno = UNTOUCHED;
    size_t bytes = zmalloc_get_memory_size();
    if (SIZE_MAX == UINT32_MAX && bytes > SIZE_MAX / 2)
        bytes = SIZE_MAX / 2;
    if (!supply->rss_errno || bytes > 0)
        require_figure("the memory size", bytes, 0);
    size_t limit = zmalloc_get_memory_limit();
    require(errno == UNTOUCHED, "zmalloc_get_memory_limit set errno to %d", errno);
    require(limit <= bytes || bytes == 0 || bytes == SIZE_MAX / 2, "the memory limit is %zu",
            limit);
}

/* jemalloc needs memory to tell its version: the name stands alone where it had none. */
static bool is_name_alone(const char *name)
{
    return strcmp(name, "jemalloc") == 0 && strncmp(TEST_LIB, name, strlen(name)) == 0;
}

static void check_names(const struct supply *supply)
{
    errno = UNTOUCHED;
    const char *name = zmalloc_lib();
    require(strcmp(name, TEST_LIB) == 0 || (supply->no_memory && is_name_alone(name)),
            "the allocator is \"%s\", not \"%s\"", name, TEST_LIB);
    require(strcmp(zmalloc_version(), ZMALLOC_VERSION_STRING) == 0, "the version is \"%s\"",
            zmalloc_version());
    require(errno == UNTOUCHED, "a name set errno to %d", errno);
}

void check_figures(const struct supply *supply)
{
    check_names(supply);
    check_rss(supply);
    check_smaps(supply);
    check_allocator_info(supply);
    check_info();
    check_memory_size(supply);
}
