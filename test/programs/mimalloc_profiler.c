/* mimalloc's own profiler, which moves the blocks that it samples within their own. Rules: one that
 * was there before the library leaves the total exact; one that comes later is told that it cannot
 * be installed. Its functions are in no header that is installed: 77 where the mimalloc that is
 * loaded has none. */
#include <dlfcn.h>
#include <string.h>

#include "total.h"

enum { MEAN_BYTES = 512, BLOCKS = 2000 };

typedef void *new_profiler(size_t mean, const char *file, size_t by_allocated, size_t by_used,
                           size_t by_time);
typedef bool with_profiler(void *profiler);
typedef bool with_heap(void *heap, void *profiler);
typedef void *get_heap(void);
typedef size_t good_size(size_t n);

/* POSIX has dlsym give functions, C no cast for it. */
static void find(void *function, const char *name)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    if (!address)
        skip("the mimalloc that is loaded has no profiler.");
    memcpy(function, &address, sizeof address);
}

static new_profiler *create;
static with_profiler *install, *start;
static with_heap *install_in_heap;
static get_heap *main_heap;
static good_size *good;

/* For all heaps, or for the one that all blocks are from. */
static bool start_profiler(bool for_all)
{
    void *profiler = create(MEAN_BYTES, "unused", 0, 0, 0);
    require(profiler, "there is no memory for a profiler");
    bool is_installed = for_all ? install(profiler) : install_in_heap(main_heap(), profiler);
    start(profiler);
    return is_installed;
}

static void find_all(void)
{
    find(&create, "mi_pprof_profiler_new");
    find(&install, "mi_profile");
    find(&install_in_heap, "mi_heap_profile");
    find(&main_heap, "mi_heap_main");
    find(&start, "mi_profiler_start");
    find(&good, "mi_good_size");
}

#if TEST_IS_EARLY

/* Before the library's own constructors, which have no priority: it is in the program. */
__attribute__((constructor(101))) static void start_early(void)
{
    find_all();
    require(start_profiler(TEST_IS_EARLY == 1), "the profiler cannot be installed");
}

#endif

/* Returns how many of the blocks are not what mimalloc says such a block has. */
static int fill(void **blocks)
{
    size_t before = zmalloc_used_memory(), sum = 0;
    int moved = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        const size_t n = 9 + i * 37 % 5000;
        blocks[i] = i % 2 ? zmalloc(n) : zcalloc(n);
        moved += zmalloc_usable(blocks[i]) != good(n);
        sum += zmalloc_size(blocks[i]);
        require_total(before + sum, "a block more");
    }
    return moved;
}

int main(void)
{
    static void *blocks[BLOCKS];
    find_all();
    const size_t before = zmalloc_used_memory();
    int moved = fill(blocks);
    if (TEST_IS_EARLY)
        require(moved > BLOCKS / 100, "the profiler moved %d blocks: nothing was tested", moved);
    else
        require(!start_profiler(true) && !start_profiler(false),
                "a profiler was installed beside the library");
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = zrealloc(blocks[i], 9 + i * 13 % 9000);
    for (size_t i = 0; i < BLOCKS; i++)
        zfree(blocks[i]);
    require_total(before, "all blocks freed");

    moved = fill(blocks);
    require(TEST_IS_EARLY || moved == 0, "%d blocks were moved", moved);
    for (size_t i = 0; i < BLOCKS; i++)
        zfree_with_size(blocks[i], zmalloc_usable(blocks[i]));
    require_total(before, "all blocks freed by their size");
    return 0;
}
