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

size_t tc_free_sizing(void *block)
{
    fake_call("tc_free_sizing", block, 0, 0);
    return FAKE_BLOCK_SIZE;
}

void tc_free(void *block)
{
    fake_call("tc_free", block, 0, 0);
}

void tc_free_sized(void *block, size_t size)
{
    fake_call("tc_free_sized", block, size, 0);
}

/* 0 until gperftools has been initialized. The first call of all makes an object by the program's
 * operator new, which may ask for the size of a block itself. */
static size_t told_size;
static void (*operator_new)(void);

size_t tc_malloc_size(void *block)
{
    if (operator_new)
        operator_new();
    fake_call("tc_malloc_size", block, 0, 0);
    return told_size;
}

size_t tc_nallocx(size_t size, int flags)
{
    fake_call("tc_nallocx", NULL, size, (size_t)flags);
    return FAKE_BLOCK_SIZE + 1;
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

static struct zm_allocator_info ask_info(void)
{
    struct zm_allocator_info info = {ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN};
    zm_backend.info(&info);
    return info;
}

static void expect_figures(void)
{
    struct zm_allocator_info info = ask_info();
    expect_equal(info.allocated, 10000);
    expect_equal(info.active, 70000 - 300 - 2000);
    expect_equal(info.resident, 70000 - 300);
    expect_equal(info.retained, ZM_UNKNOWN);
}

static void expect_unknown_without_its_property(void)
{
    /* In the order of the properties: what each is needed for. */
    static const struct {
        bool allocated, active, resident;
    } lost[] = {
        {true, false, false}, {false, true, true}, {false, true, true}, {false, true, false}};
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        properties[i].missing = true;
        struct zm_allocator_info info = ask_info();
        expect_equal(info.allocated == ZM_UNKNOWN, lost[i].allocated);
        expect_equal(info.active == ZM_UNKNOWN, lost[i].active);
        expect_equal(info.resident == ZM_UNKNOWN, lost[i].resident);
        properties[i].missing = false;
    }
}

/* Figures of different moments must not wrap. */
static void expect_no_less_than_nothing(void)
{
    properties[2].value = 80000;
    expect_equal(ask_info().resident, 0);
    expect_equal(ask_info().active, 0);
    properties[2].value = 300;
}

static size_t sizes_in_operator_new[3];

static void ask_again(void)
{
    operator_new = NULL;
    sizes_in_operator_new[0] = zm_backend.fresh_block_size(fake_block, 1, 50);
    expect_last_call(1, "tc_nallocx", NULL, 50, 0);
    sizes_in_operator_new[1] = zm_backend.fresh_block_size(fake_block, 64, 50);
    expect_last_call(1, "tc_nallocx", NULL, 50, 6);
    sizes_in_operator_new[2] = zm_backend.usable_size(fake_block);
}

/* Within the first question tcmalloc is not asked another; tc_nallocx answers for fresh blocks,
 * also while tcmalloc cannot tell yet, and until it can no size is taken for a function of the
 * request. */
static void expect_sizes_while_loading(void)
{
    operator_new = ask_again;
    expect_equal(zm_backend.fresh_block_size(fake_block, 1, 100), FAKE_BLOCK_SIZE + 1);
    expect_last_call(2, "tc_nallocx", NULL, 100, 0);
    expect_equal(sizes_in_operator_new[0], FAKE_BLOCK_SIZE + 1);
    expect_equal(sizes_in_operator_new[1], FAKE_BLOCK_SIZE + 1);
    expect_equal(sizes_in_operator_new[2], 0);
    expect_equal(zm_backend.good_size(100), 0);
    told_size = FAKE_BLOCK_SIZE;
    expect_equal(zm_backend.fresh_block_size(fake_block, 1, 100), FAKE_BLOCK_SIZE);
    expect_call("tc_malloc_size", fake_block, 0, 0);
    expect_equal(zm_backend.usable_size(fake_block), FAKE_BLOCK_SIZE);
    expect_call("tc_malloc_size", fake_block, 0, 0);
    expect_equal(zm_backend.good_size(100), FAKE_BLOCK_SIZE + 1);
    expect_call("tc_nallocx", NULL, 100, 0);
}

/* Not with a debugging tcmalloc, whose blocks have any size. */
static void expect_fast_free_where_sizes_are_rounded(void)
{
    expect(zm_backend.can_free_fast());
    told_size = FAKE_BLOCK_SIZE - 1;
    expect(!zm_backend.can_free_fast());
    told_size = FAKE_BLOCK_SIZE;
    expect_last_call(6, "tc_free", fake_block, 0, 0);
}

void MallocExtension_ReleaseFreeMemory(void)
{
    fake_call("MallocExtension_ReleaseFreeMemory", NULL, 0, 0);
}

static void expect_purge(void)
{
    zm_backend.purge();
    expect_call("MallocExtension_ReleaseFreeMemory", NULL, 0, 0);
}

void MallocExtension_GetStats(char *text, int room)
{
    expect(room > 10000);
    strcpy(text, "what tcmalloc says");
}

int main(void)
{
    expect_sizes_while_loading();
    expect_fast_free_where_sizes_are_rounded();
    expect_blocks();
    expect_size_told_but_for_whole_pages();
    expect_figures();
    expect_purge();
    expect_report("what tcmalloc says");
    expect_last_call(2, "tc_free", fake_block, 0, 0);
    expect_unknown_without_its_property();
    expect_no_less_than_nothing();
    expect_described("tcmalloc-2.10");
    patch_of_library = ".1-rc";
    expect_described("tcmalloc-2.10.1-rc");
    return 0;
}
