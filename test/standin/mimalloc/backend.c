/* backends/mimalloc.c against a mimalloc that notes what it is called with. */
#include "backend.h"

#include <mimalloc.h>

#include "fake_calls.h"

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

void mi_free(void *block)
{
    fake_call("mi_free", block, 0, 0);
}

size_t mi_usable_size(const void *block)
{
    fake_call("mi_usable_size", block, 0, 0);
    return FAKE_BLOCK_SIZE;
}

size_t mi_good_size(size_t size)
{
    fake_call("mi_good_size", NULL, size, 0);
    return FAKE_BLOCK_SIZE;
}

static int version_of_library = 209;

int mi_version(void)
{
    return version_of_library;
}

void mi_process_info(size_t *elapsed, size_t *user, size_t *system, size_t *rss, size_t *peak_rss,
                     size_t *commit, size_t *peak_commit, size_t *faults)
{
    *elapsed = 1;
    *user = 2;
    *system = 3;
    *rss = 4000;
    *peak_rss = 5000;
    *commit = 6000;
    *peak_commit = 7000;
    *faults = 8;
}

/* One block, allocated and freed before main. */
static void expect_first_block_at_load(void)
{
    expect_last_call(2, "mi_free", fake_block, 0, 0);
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
    zm_backend.free_sized(fake_block, 100);
    expect_call("mi_free", fake_block, 0, 0);
    expect_equal(zm_backend.block_size(fake_block), FAKE_BLOCK_SIZE);
    expect_call("mi_usable_size", fake_block, 0, 0);
    expect_equal(zm_backend.good_size(100), FAKE_BLOCK_SIZE);
    expect_call("mi_good_size", NULL, 100, 0);
}

static void expect_committed_bytes_alone(void)
{
    struct zm_allocator_info info = {ZM_NOT_TOLD, ZM_NOT_TOLD, ZM_NOT_TOLD};
    expect_equal(zm_backend.info(&info), 1);
    expect_equal(info.allocated, ZM_NOT_TOLD);
    expect_equal(info.active, 6000);
    expect_equal(info.resident, ZM_NOT_TOLD);
}

int main(void)
{
    expect_first_block_at_load();
    expect_blocks();
    expect_committed_bytes_alone();
    expect_described("mimalloc-2.0.9");
    version_of_library = 314;
    expect_described("mimalloc-3.1.4");
    return 0;
}
