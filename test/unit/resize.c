/* zrealloc and its three twins. */
#include "common.h"
#include "variants.h"

static void fill(unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        block[i] = (unsigned char)(i * 31 + 7);
}

static void check_filled(const unsigned char *block, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++)
        REQUIRE(block[i] == (unsigned char)(i * 31 + 7), "%s: byte %zu of %zu changed", what, i, n);
}

static const size_t sizes[] = {1, 16, 100, 24, 1000, 4096, 5000, 70000, 4000, (size_t)3 << 20, 50};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* Up and down through all sizes, from each of the calls that allocate. */
static void walk(size_t w, const struct alloc_call *get)
{
    size_t before = zmalloc_used_memory();
    size_t have = 40;
    unsigned char *block = get->allocate(have);
    fill(block, have);
    for (size_t i = 0; i < SIZES; i++) {
        block = resize_calls[w].resize(block, sizes[i]);
        check_filled(block, have < sizes[i] ? have : sizes[i], resize_calls[w].name);
        REQUIRE(zmalloc_usable(block) >= sizes[i], "%s to %zu", resize_calls[w].name, sizes[i]);
        REQUIRE(!resize_calls[w].stores || last_usable == zmalloc_usable(block), "%s stored %zu",
                resize_calls[w].name, last_usable);
        REQUIRE((uintptr_t)block % ZM_TEST_ALIGNMENT == 0, "%s to %zu is not aligned",
                resize_calls[w].name, sizes[i]);
        REQUIRE(zmalloc_used_memory() - before == zmalloc_size(block), "%s to %zu miscounted",
                resize_calls[w].name, sizes[i]);
        have = zmalloc_usable(block);
        fill(block, have);
    }
    zfree(block);
    REQUIRE(zmalloc_used_memory() == before, "%s from %s miscounted", resize_calls[w].name,
            get->name);
}

Test(resize, keeps_contents_and_count_from_every_kind_of_block)
{
    for (size_t w = 0; w < resize_call_count; w++)
        for (size_t g = 0; g < alloc_call_count; g++)
            walk(w, &alloc_calls[g]);
}

Test(resize, a_byte_at_a_time)
{
    size_t before = zmalloc_used_memory();
    unsigned char *block = NULL;
    for (size_t n = 1; n <= 5000; n++) {
        block = zrealloc(block, n);
        block[n - 1] = (unsigned char)n;
        REQUIRE(zmalloc_used_memory() - before == zmalloc_size(block), "grown to %zu", n);
    }
    for (size_t n = 5000; n >= 1; n--) {
        block = zrealloc(block, n);
        REQUIRE(block[n - 1] == (unsigned char)n, "shrunk to %zu", n);
        REQUIRE(zmalloc_used_memory() - before == zmalloc_size(block), "shrunk to %zu", n);
    }
    zfree(block);
    cr_assert_eq(zmalloc_used_memory(), before);
}

/* Of many neighbours, since every other block of a size class that is too small may be aligned. */
Test(resize, every_block_is_aligned)
{
    enum { BLOCKS = 40 };
    for (size_t n = 1; n <= 130; n++)
        for (size_t w = 0; w < resize_call_count; w++) {
            void *blocks[BLOCKS];
            for (size_t i = 0; i < BLOCKS; i++) {
                blocks[i] = resize_calls[w].resize(zmalloc(i % 2 ? 200 : 1), n);
                REQUIRE((uintptr_t)blocks[i] % ZM_TEST_ALIGNMENT == 0, "%s to %zu: %p",
                        resize_calls[w].name, n, blocks[i]);
            }
            for (size_t i = 0; i < BLOCKS; i++)
                zfree(blocks[i]);
        }
}

Test(resize, null_allocates)
{
    size_t before = zmalloc_used_memory();
    for (size_t w = 0; w < resize_call_count; w++) {
        void *block = resize_calls[w].resize(NULL, 33);
        cr_assert_not_null(block);
        cr_assert_eq(zmalloc_used_memory() - before, zmalloc_size(block));
        zfree(block);
    }
}

Test(resize, null_to_zero_bytes_allocates_a_block)
{
    for (size_t w = 0; w < resize_call_count; w++) {
        void *block = resize_calls[w].resize(NULL, opaque(0));
        cr_assert_not_null(block, "%s", resize_calls[w].name);
        zfree(block);
    }
}

Test(resize, to_zero_bytes_frees_and_is_no_failure)
{
    expect_no_oom();
    size_t before = zmalloc_used_memory();
    for (size_t w = 0; w < resize_call_count; w++) {
        void *block = zmalloc(100);
        errno = 0;
        last_usable = 99;
        cr_assert_null(resize_calls[w].resize(block, opaque(0)), "%s", resize_calls[w].name);
        cr_assert_eq(errno, 0);
        cr_assert_eq(last_usable, resize_calls[w].stores ? 0 : 99);
        cr_assert_eq(zmalloc_used_memory(), before);
    }
    cr_assert_eq(oom_calls, 0);
}

Test(resize, failing_leaves_the_old_block_and_the_total)
{
    expect_no_oom();
    const size_t impossible[] = {SIZE_MAX, (size_t)PTRDIFF_MAX + 1, PTRDIFF_MAX, SIZE_MAX / 4};
    const size_t impossible_count = SIZES_ARE_SMALL ? 2 : 4;
    size_t before = zmalloc_used_memory();
    for (size_t g = 0; g < alloc_call_count; g++)
        for (size_t w = 0; w < resize_call_count; w++)
            for (size_t i = 0; i < impossible_count; i++) {
                unsigned char *block = alloc_calls[g].allocate(300);
                fill(block, 300);
                size_t held = zmalloc_used_memory();
                oom_calls = 0;
                errno = 0;
                last_usable = 99;
                REQUIRE(resize_calls[w].resize(block, opaque(impossible[i])) == NULL, "%s to %zu",
                        resize_calls[w].name, impossible[i]);
                REQUIRE(errno == ENOMEM, "%s: errno %d", resize_calls[w].name, errno);
                REQUIRE(last_usable == (resize_calls[w].stores ? 0 : 99), "%s stored",
                        resize_calls[w].name);
                REQUIRE(oom_calls == resize_calls[w].calls_handler, "%s: %d handler calls",
                        resize_calls[w].name, oom_calls);
                REQUIRE(!oom_calls || oom_bytes == impossible[i], "%s told %zu",
                        resize_calls[w].name, oom_bytes);
                REQUIRE(zmalloc_used_memory() == held, "%s moved the total", resize_calls[w].name);
                check_filled(block, 300, resize_calls[w].name);
                zfree(block);
            }
    cr_assert_eq(zmalloc_used_memory(), before);
}
