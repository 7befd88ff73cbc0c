/* backends/mimalloc.c against a mimalloc that notes what it is called with. */
#include "backend.h"

#include <mimalloc.h>
#include <string.h>

#include "fake_calls.h"

/* This file is built once for each kind of mimalloc. */
enum {
#ifdef FAKE_PADDED
    USABLE_SIZE = FAKE_BLOCK_SIZE - 7,
#else
    USABLE_SIZE = FAKE_BLOCK_SIZE,
#endif
#ifdef FAKE_OTHER_VERSION
    LOADED_VERSION = MI_MALLOC_VERSION + 1,
#else
    LOADED_VERSION = MI_MALLOC_VERSION,
#endif
#ifdef FAKE_GUARDED
    GUARDED_SAMPLE_RATE = 4000,
#else
    GUARDED_SAMPLE_RATE = 0,
#endif
#ifdef FAKE_HAS_PROFILER
    HAS_PROFILER = 1,
#else
    HAS_PROFILER = 0,
#endif
    IS_AS_BUILT = LOADED_VERSION == MI_MALLOC_VERSION,
    BLOCKS_STAY = IS_AS_BUILT && GUARDED_SAMPLE_RATE == 0 && !HAS_PROFILER,
    SIZES_ARE_GOOD = USABLE_SIZE == FAKE_BLOCK_SIZE && BLOCKS_STAY,
#ifdef FAKE_TELLS_LESS
    TOLD_BY_FREE = FAKE_BLOCK_SIZE - 16,
#else
    TOLD_BY_FREE = FAKE_BLOCK_SIZE,
#endif
    SIZES_ARE_TOLD = FAKE_TELLS && BLOCKS_STAY && USABLE_SIZE == FAKE_BLOCK_SIZE
                     && TOLD_BY_FREE == FAKE_BLOCK_SIZE
};

void *mi_malloc(size_t size)
{
    return fake_call("mi_malloc", NULL, size, 0);
}

void *mi_zalloc(size_t size)
{
    return fake_call("mi_zalloc", NULL, size, 0);
}

void *mi_realloc(void *block, size_t size)
{
    return fake_call("mi_realloc", block, size, 0);
}

void *mi_malloc_aligned(size_t size, size_t align)
{
    return fake_call("mi_malloc_aligned", NULL, size, align);
}

void *mi_malloc_aligned_at(size_t size, size_t align, size_t offset)
{
    expect_equal(offset, 0);
    return fake_call("mi_malloc_aligned_at", NULL, size, align);
}

void *mi_zalloc_aligned_at(size_t size, size_t align, size_t offset)
{
    expect_equal(offset, 0);
    return fake_call("mi_zalloc_aligned_at", NULL, size, align);
}

void mi_free(void *block)
{
    fake_call("mi_free", block, 0, 0);
}

size_t mi_usable_size(const void *block)
{
    fake_call("mi_usable_size", block, 0, 0);
    return USABLE_SIZE;
}

size_t mi_good_size(size_t size)
{
    fake_call("mi_good_size", NULL, size, 0);
    return FAKE_BLOCK_SIZE;
}

#if FAKE_TELLS

void mi_ufree(void *block, size_t *block_size)
{
    *block_size = TOLD_BY_FREE;
    fake_call("mi_ufree", block, 0, 0);
}

#endif

/* The place for a profiler, which no other has taken after this one. */
static const void *profiler;

bool mi_profile(void *wanted)
{
    expect(profiler == wanted);
    return true;
}

static mi_heap_t main_heap;

mi_heap_t *mi_heap_main(void)
{
    return &main_heap;
}

bool mi_heap_profile(mi_heap_t *heap, void *wanted)
{
    expect(heap == &main_heap);
    bool is_free = !HAS_PROFILER && !profiler;
    profiler = wanted;
    return is_free;
}

static int version_of_library = LOADED_VERSION;

int mi_version(void)
{
    return version_of_library;
}

#if MI_MALLOC_VERSION >= 218
long mi_option_get(mi_option_t option)
{
    expect_equal(option, mi_option_guarded_sample_rate);
    return GUARDED_SAMPLE_RATE;
}
#endif

/* One block, allocated and freed before main: how large it is, and where that may tell anything,
 * how large it should be. */
static void expect_first_block_at_load(void)
{
    bool asks = BLOCKS_STAY;
    expect_last_call(asks ? 4 : 2, "mi_free", fake_block, 0, 0);
}

static void expect_blocks(void)
{
    expect(zm_backend.malloc(100) == fake_block);
    expect_call("mi_malloc", NULL, 100, 0);
    expect(zm_backend.zalloc(100) == fake_block);
    expect_call("mi_zalloc", NULL, 100, 0);
    expect(zm_backend.realloc(fake_block, 100) == fake_block);
    expect_call("mi_realloc", fake_block, 100, 0);
    expect(zm_backend.aligned_alloc(64, 100) == fake_block);
    expect_call("mi_malloc_aligned_at", NULL, 100, 64);
    expect(zm_backend.aligned_zalloc(64, 100) == fake_block);
    expect_call("mi_zalloc_aligned_at", NULL, 100, 64);
    expect(zm_backend.misjudges_aligned == FAKE_TELLS);
    zm_backend.free_sized(fake_block, 100);
    expect_call("mi_free", fake_block, 0, 0);
    expect_equal(zm_backend.block_size(fake_block), USABLE_SIZE);
    expect_call("mi_usable_size", fake_block, 0, 0);
}

/* Freeing tells the size where the version has the call and moves no block unseen. */
static void expect_told_sizes(void)
{
    expect((zm_backend.free_sizing != NULL) == FAKE_TELLS);
    expect((profiler != NULL) == (MI_MALLOC_VERSION >= 30500));
    expect(zm_backend.can_free_fast()
           == (FAKE_TELLS ? SIZES_ARE_TOLD : USABLE_SIZE % 8 == 0 && IS_AS_BUILT));
    forget_calls();
    if (zm_backend.free_sizing) {
        expect_equal(zm_backend.free_sizing(fake_block), TOLD_BY_FREE);
        expect_call("mi_ufree", fake_block, 0, 0);
    }
}

/* Only where the library is the header's, no block is moved within its own, and none is padded. */
static void expect_good_sizes(void)
{
    expect_equal(zm_backend.good_size(100), SIZES_ARE_GOOD ? FAKE_BLOCK_SIZE : 0);
    if (SIZES_ARE_GOOD)
        expect_call("mi_good_size", NULL, 100, 0);
    expect_equal(zm_backend.good_size((size_t)1 << 20), 0);
}

static void expect_nothing_told(void)
{
    struct zm_allocator_info info = {ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN};
    zm_backend.info(&info);
    expect_equal(info.allocated, ZM_UNKNOWN);
    expect_equal(info.active, ZM_UNKNOWN);
    expect_equal(info.resident, ZM_UNKNOWN);
}

void mi_collect(bool force)
{
    fake_call("mi_collect", NULL, force, 0);
}

void mi_stats_print_out(void (*write)(const char *text, void *context), void *context)
{
    write("what mimalloc says", context);
}

static void expect_purge(void)
{
    zm_backend.purge();
    expect_call("mi_collect", NULL, true, 0);
}

static void expect_versions(void)
{
    static const struct {
        int number;
        const char *described;
    } versions[] = {
        {209, "mimalloc-2.0.9"},   {227, "mimalloc-2.2.7"},   {2212, "mimalloc-2.2.12"},
        {3206, "mimalloc-3.2.6"},  {3010, "mimalloc-3.0.10"}, {20401, "mimalloc-2.4.1"},
        {30403, "mimalloc-3.4.3"}, {30600, "mimalloc-3.6.0"}, {31012, "mimalloc-3.10.12"},
    };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        version_of_library = versions[i].number;
        expect_described(versions[i].described);
    }
}

int main(void)
{
    expect_first_block_at_load();
    expect_blocks();
    expect_told_sizes();
    expect_good_sizes();
    expect_nothing_told();
    expect_purge();
    expect_report("what mimalloc says");
    expect_versions();
    return 0;
}
