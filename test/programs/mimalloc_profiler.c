/* mimalloc's own profiler, which can be switched on at any time and moves the blocks that it
 * samples within their own. Rule: the total stays exact. Its functions are in no header that is
 * installed: 77 where the mimalloc that is loaded has none. */
#include <dlfcn.h>
#include <string.h>

#include "total.h"

enum { MEAN_BYTES = 512, BLOCKS = 2000 };

typedef void *new_profiler(size_t mean, const char *file, size_t by_allocated, size_t by_used,
                           size_t by_time);
typedef bool with_profiler(void *profiler);
typedef size_t good_size(size_t n);

/* POSIX has dlsym give functions, C no cast for it. */
static void find(void *function, const char *name)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    if (!address)
        skip("the mimalloc that is loaded has no profiler.");
    memcpy(function, &address, sizeof address);
}

static void start_profiler(void)
{
    new_profiler *create;
    with_profiler *install, *start;
    find(&create, "mi_pprof_profiler_new");
    find(&install, "mi_profile");
    find(&start, "mi_profiler_start");
    void *profiler = create(MEAN_BYTES, "unused", 0, 0, 0);
    require(profiler && install(profiler), "the profiler cannot be installed");
    start(profiler);
}

static int is_moved(const void *block, size_t n, good_size *good)
{
    return zmalloc_usable(block) != good(n);
}

static int fill(void **blocks, good_size *good)
{
    size_t before = zmalloc_used_memory(), sum = 0;
    int moved = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        const size_t n = 9 + i * 37 % 5000;
        blocks[i] = i % 2 ? zmalloc(n) : zcalloc(n);
        moved += is_moved(blocks[i], n, good);
        sum += zmalloc_size(blocks[i]);
        require_total(before + sum, "a block more");
    }
    return moved;
}

int main(void)
{
    static void *blocks[BLOCKS];
    good_size *good;
    find(&good, "mi_good_size");
    const size_t before = zmalloc_used_memory();
    require(fill(blocks, good) == 0, "blocks are moved without the profiler");
    start_profiler();
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = zrealloc(blocks[i], 9 + i * 13 % 9000);
    for (size_t i = 0; i < BLOCKS; i++)
        zfree(blocks[i]);
    require_total(before, "all blocks of before the profiler freed");

    int moved = fill(blocks, good);
    require(moved > BLOCKS / 100, "the profiler moved %d blocks: nothing was tested", moved);
    for (size_t i = 0; i < BLOCKS; i++)
        zfree_with_size(blocks[i], zmalloc_usable(blocks[i]));
    require_total(before, "all blocks freed");
    return 0;
}
