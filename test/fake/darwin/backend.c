/* The library on backends/darwin.c: the backend's own logic, that no other backend's tests see. */
#include <errno.h>
#include <malloc/malloc.h>
#include <stdio.h>
#include <string.h>
#include <zmalloc.h>

#include "expect.h"
#include "zones.h"

/* Charged and usable is what malloc_size says, for each call that allocates. */
static void check_sizes(void)
{
    size_t before = zmalloc_used_memory();
    void *blocks[] = {zmalloc(0), zcalloc(100), zrealloc(zmalloc(10), 1000), zmalloc_no_tcache(50),
                      zaligned_alloc(64, 200)};
    size_t sum = 0;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        expect_equal(zmalloc_usable(blocks[i]), malloc_size(blocks[i]));
        sum += zmalloc_size(blocks[i]);
    }
    expect_equal(zmalloc_used_memory() - before, sum);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        zfree(blocks[i]);
    expect_equal(zmalloc_used_memory(), before);
}

static void check_zeroed(void)
{
    static const char zeros[4000];
    char *used = zmalloc(sizeof zeros);
    memset(used, 0x5a, sizeof zeros);
    zfree(used);
    char *block = zcalloc(sizeof zeros);
    expect(memcmp(block, zeros, sizeof zeros) == 0);
    zfree_with_size(block, zmalloc_usable(block));
}

/* Any alignment, and a size that is no multiple of it. */
static void check_aligned(void)
{
    for (size_t align = 1; align <= 65536; align *= 2) {
        void *block = zaligned_alloc(align, 33);
        expect((uintptr_t)block % align == 0);
        zfree(block);
    }
}

static void check_info(void)
{
    size_t allocated = 0;
    size_t active = 0;
    size_t resident = 0;
    void *block = zmalloc(100000);
    errno = 0;
    expect_equal(zmalloc_get_allocator_info(&allocated, &active, &resident), 1);
    expect_equal(errno, 0);
    expect_equal(allocated, fake_last_statistics.size_in_use);
    /* What is reserved is more than the pages in use, and the zones do not tell what is resident.
     */
    expect_equal(active, 0);
    expect_equal(resident, 0);
    zfree(block);
}

static void check_purge(void)
{
    int before = fake_reliefs;
    zmalloc_purge();
    expect_equal(fake_reliefs, before + 1);
}

static void keep_said(void *kept, const char *text)
{
    strcpy(kept, text);
}

static void check_report(void)
{
    char said[200] = "", in_use[60];
    expect_equal(zmalloc_print_stats(keep_said, said), 0);
    snprintf(in_use, sizeof in_use, "of %zu bytes in use", fake_last_statistics.size_in_use);
    expect(strstr(said, in_use));
}

int main(void)
{
    check_sizes();
    check_zeroed();
    check_aligned();
    check_info();
    check_purge();
    check_report();
    expect(strcmp(zmalloc_lib(), "libc") == 0);
    return 0;
}
