/* backends/tcmalloc.c against a tcmalloc that notes what it is called with. */
#include "backend.h"

#include <gperftools/malloc_extension_c.h>
#include <gperftools/nallocx.h>
#include <gperftools/tcmalloc.h>
#include <stdbool.h>
#include <string.h>

#include "fake_calls.h"

void *tc_malloc(size_t size)
{
    return fake_call("tc_malloc", NULL, size, 0);
}

void *tc_calloc(size_t count, size_t size)
{
    return fake_call("tc_calloc", NULL, size, count);
}

void *tc_realloc(void *block, size_t size)
{
    return fake_call("tc_realloc", block, size, 0);
}

void *tc_memalign(size_t align, size_t size)
{
    return fake_call("tc_memalign", NULL, size, align);
}

void tc_free(void *block)
{
    fake_call("tc_free", block, 0, 0);
}

void tc_free_sized(void *block, size_t size)
{
    fake_call("tc_free_sized", block, size, 0);
}

size_t tc_malloc_size(void *block)
{
    fake_call("tc_malloc_size", block, 0, 0);
    return FAKE_BLOCK_SIZE;
}

size_t tc_nallocx(size_t size, int flags)
{
    fake_call("tc_nallocx", NULL, size, (size_t)flags);
    return FAKE_BLOCK_SIZE;
}

static const char *patch_of_library = "";

const char *tc_version(int *major, int *minor, const char **patch)
{
    *major = 2;
    *minor = 10;
    *patch = patch_of_library;
    return "gperftools 2.10";
}

/* No sum or difference of some of the values is that of others. */
static struct property {
    const char *name;
    size_t value;
    bool missing;
} properties[] = {
    {.name = "generic.current_allocated_bytes", .value = 10000},
    {.name = "generic.heap_size", .value = 70000},
    {.name = "tcmalloc.pageheap_unmapped_bytes", .value = 300},
    {.name = "tcmalloc.pageheap_free_bytes", .value = 2000},
};

int MallocExtension_GetNumericProperty(const char *property, size_t *value)
{
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        if (strcmp(property, properties[i].name) != 0 || properties[i].missing)
            continue;
        *value = properties[i].value;
        return 1;
    }
    return 0;
}

static void expect_blocks(void)
{
    expect(zm_backend.malloc(100) == fake_block);
    expect_call("tc_malloc", NULL, 100, 0);
    expect(zm_backend.zalloc(100) == fake_block);
    expect_call("tc_calloc", NULL, 100, 1);
    expect(zm_backend.realloc(fake_block, 100) == fake_block);
    expect_call("tc_realloc", fake_block, 100, 0);
    expect(zm_backend.aligned_alloc(64, 100) == fake_block);
    expect_call("tc_memalign", NULL, 100, 64);
    expect_equal(zm_backend.block_size(fake_block), FAKE_BLOCK_SIZE);
    expect_call("tc_malloc_size", fake_block, 0, 0);
    expect_equal(zm_backend.good_size(100), FAKE_BLOCK_SIZE);
    expect_call("tc_nallocx", NULL, 100, 0);
}

static void expect_size_told_but_for_whole_pages(void)
{
    static const size_t told[] = {16, 2048, 4095, 4097, 6144, 8192 + 2048};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        zm_backend.free_sized(fake_block, told[i]);
        expect_call("tc_free_sized", fake_block, told[i], 0);
    }
    static const size_t whole_pages[] = {4096, 8192, 12288, 1 << 20};
    for (size_t i = 0; i < sizeof whole_pages / sizeof *whole_pages; i++) {
        zm_backend.free_sized(fake_block, whole_pages[i]);
        expect_call("tc_free", fake_block, 0, 0);
    }
}

static void expect_figures(void)
{
    struct zm_allocator_info info = {ZM_NOT_TOLD, ZM_NOT_TOLD, ZM_NOT_TOLD};
    expect_equal(zm_backend.info(&info), 1);
    expect_equal(info.allocated, 10000);
    expect_equal(info.active, 70000 - 300 - 2000);
    expect_equal(info.resident, 70000 - 300);
}

static void expect_failure_without_each_property(void)
{
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        struct zm_allocator_info info = {ZM_NOT_TOLD, ZM_NOT_TOLD, ZM_NOT_TOLD};
        properties[i].missing = true;
        expect_equal(zm_backend.info(&info), 0);
        properties[i].missing = false;
    }
}

int main(void)
{
    expect_blocks();
    expect_size_told_but_for_whole_pages();
    expect_figures();
    expect_failure_without_each_property();
    expect_described("tcmalloc-2.10");
    patch_of_library = ".1-rc";
    expect_described("tcmalloc-2.10.1-rc");
    return 0;
}
