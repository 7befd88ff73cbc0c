/* What holds for every block, however it was got and given back. */
#include <stdalign.h>
#include <stddef.h>

#include "common.h"
#include "variants.h"

/* All of a small block is looked at, and of a large one its beginning, its end and some between:
 * what takes the time is a page that is touched first. */
static size_t next_looked_at(size_t i, size_t usable)
{
    size_t next = i + (i < 8192 ? 1 : i < 65536 ? 509 : i / 32);
    size_t end = usable < 512 ? 0 : usable - 512;
    return i >= end ? i + 1 : next < end ? next : end;
}

static void use_all(unsigned char *block, size_t usable)
{
    const size_t large = (size_t)256 << 10;
    memset(block, 0xa5, usable < large ? usable : large);
    for (size_t i = large; i < usable; i = next_looked_at(i, usable))
        block[i] = 0xa5;
}

static void check_block(const struct alloc_call *call, unsigned char *block, size_t n)
{
    size_t usable = zmalloc_usable(block);
    size_t size = zmalloc_size(block);
    REQUIRE(block, "%s: no block for %zu bytes", call->name, n);
    REQUIRE((uintptr_t)block % ZM_TEST_ALIGNMENT == 0, "%s: %zu bytes at %p are not aligned",
            call->name, n, (void *)block);
    REQUIRE(usable >= n, "%s: %zu usable of %zu bytes", call->name, usable, n);
    REQUIRE(size >= usable, "%s: %zu charged for %zu usable", call->name, size, usable);
    REQUIRE(size % sizeof(long) == 0, "%s: %zu charged is not whole longs", call->name, size);
    for (size_t i = 0; call->zeroed && i < usable; i = next_looked_at(i, usable))
        REQUIRE(block[i] == 0, "%s: byte %zu of %zu is not zero", call->name, i, n);
    use_all(block, usable);
}

/* Takes one block and gives it back; the total must follow to the byte. */
static void round_trip(const struct alloc_call *get, const struct release_call *give, size_t n)
{
    size_t before = zmalloc_used_memory();
    last_usable = SIZE_MAX;
    unsigned char *block = get->allocate(n);
    check_block(get, block, n);
    REQUIRE(last_usable == SIZE_MAX || last_usable == zmalloc_usable(block),
            "%s: stored %zu usable of %zu", get->name, last_usable, zmalloc_usable(block));
    REQUIRE(zmalloc_used_memory() - before == zmalloc_size(block),
            "%s: %zu bytes raised the total by %zu, not %zu", get->name, n,
            zmalloc_used_memory() - before, zmalloc_size(block));
    give->release(block);
    REQUIRE(zmalloc_used_memory() == before, "%s, %s: %zu bytes left the total %td off", get->name,
            give->name, n, (ptrdiff_t)(zmalloc_used_memory() - before));
}

static void round_trips_of(size_t n)
{
    for (size_t i = 0; i < alloc_call_count; i++)
        for (size_t j = 0; j < release_call_count; j++)
            round_trip(&alloc_calls[i], &release_calls[j], n);
}

/* Every size up to 512 by every call to get, those above by every fifth call, five sizes by all;
 * each with another call to give. Some by all pairs. */
Test(blocks, small_sizes_are_usable_aligned_and_counted)
{
    for (size_t n = 0; n <= 4096; n++) {
        size_t step = n <= 512 ? 1 : 5;
        if (n % 509 < 2) {
            round_trips_of(n);
            continue;
        }
        for (size_t i = n % step; i < alloc_call_count; i += step)
            round_trip(&alloc_calls[i], &release_calls[(n / 5 + i) % release_call_count], n);
    }
}

/* Rounded to a long and no further: the other tests see that the same is charged and discharged,
 * whatever it is. */
Test(blocks, the_charge_is_usable_and_header_in_whole_longs)
{
    for (size_t n = 0; n <= 8192; n++) {
        void *block = zmalloc(n);
        size_t longs = (zmalloc_usable(block) + ZM_TEST_HEADER + sizeof(long) - 1) / sizeof(long);
        REQUIRE(zmalloc_size(block) == longs * sizeof(long) || may_be_sample(block),
                "%zu charged for %zu usable", zmalloc_size(block), zmalloc_usable(block));
        zfree(block);
    }
}

Test(blocks, powers_of_two_are_usable_aligned_and_counted)
{
    for (size_t n = 8192; n <= (size_t)4 << 20; n *= 2)
        round_trips_of(n);
    for (size_t n = (size_t)8 << 20; n <= (size_t)64 << 20; n *= 2)
        for (size_t i = 0; i < alloc_call_count; i++)
            round_trip(&alloc_calls[i], &release_calls[i % release_call_count], n);
}

Test(blocks, sizes_beside_a_power_of_two)
{
    for (size_t n = 16; n <= (size_t)1 << 20; n *= 2)
        for (size_t off = 0; off < 3; off++)
            round_trip(&alloc_calls[off], &release_calls[off], n - 1 + off);
}

/* Sizes that are known for a fresh block must hold for one that was used before, and the other way
 * round: blocks live at the same time here, and die in another order. */
Test(blocks, many_alive_at_once)
{
    enum { COUNT = 5000 };
    static void *blocks[COUNT];
    size_t before = zmalloc_used_memory();
    size_t expected = 0;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            blocks[i] = alloc_calls[i % alloc_call_count].allocate(i * 7 % 4500 + 1);
            expected += zmalloc_size(blocks[i]);
        }
        cr_assert_eq(zmalloc_used_memory() - before, expected);
        for (size_t i = 0; i < COUNT; i++) {
            size_t k = i * 7919 % COUNT;
            expected -= zmalloc_size(blocks[k]);
            release_calls[i % release_call_count].release(blocks[k]);
        }
        cr_assert_eq(expected, 0);
        cr_assert_eq(zmalloc_used_memory(), before);
    }
}

Test(blocks, zero_bytes_give_distinct_blocks)
{
    for (size_t i = 0; i < alloc_call_count; i++) {
        void *one = alloc_calls[i].allocate(0);
        void *other = alloc_calls[i].allocate(0);
        cr_assert(one && other && one != other, "%s", alloc_calls[i].name);
        zfree(one);
        zfree(other);
    }
}

Test(blocks, null_is_fine_to_free_and_to_ask_about)
{
    size_t before = zmalloc_used_memory();
    errno = 0;
    zfree(NULL);
    zfree_with_size(NULL, 100);
    zfree_no_tcache(NULL);
    zlibc_free(NULL);
    cr_assert_eq(zmalloc_size(NULL), 0);
    cr_assert_eq(zmalloc_usable(NULL), 0);
    cr_assert_eq(zmalloc_used_memory(), before);
    cr_assert_eq(errno, 0);
}

Test(blocks, alignments_up_to_a_mebibyte)
{
    size_t before = zmalloc_used_memory();
    for (size_t align = 1; align <= (size_t)1 << 20; align *= 2) {
        for (size_t i = 0; i < 3 * 18; i++) {
            /* 0, 1, 2 and then around the powers of two, which allocators like to treat apart. */
            size_t n = ((size_t)1 << i / 3) + i % 3 - 1;
            void *one = zaligned_alloc(align, n);
            void *other = ztryaligned_alloc(align, n);
            REQUIRE((uintptr_t)one % align == 0, "zaligned_alloc(%zu, %zu)", align, n);
            REQUIRE((uintptr_t)other % align == 0, "ztryaligned_alloc(%zu, %zu)", align, n);
            memset(of_unknown_size(one), 1, zmalloc_usable(one));
            memset(of_unknown_size(other), 2, zmalloc_usable(other));
            REQUIRE(zmalloc_used_memory() - before == zmalloc_size(one) + zmalloc_size(other),
                    "total of two blocks of %zu aligned to %zu", n, align);
            zfree(one);
            zfree_with_size(other, zmalloc_usable(other));
        }
    }
    cr_assert_eq(zmalloc_used_memory(), before);
}

Test(blocks, a_bad_alignment_is_einval_without_the_handler)
{
    expect_no_oom();
    size_t before = zmalloc_used_memory();
    const size_t bad[] = {0, 3, 24, 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        errno = 0;
        cr_assert_null(zaligned_alloc(opaque(bad[i]), 64));
        cr_assert_eq(errno, EINVAL);
        errno = 0;
        cr_assert_null(ztryaligned_alloc(opaque(bad[i]), 64));
        cr_assert_eq(errno, EINVAL);
    }
    cr_assert_eq(oom_calls, 0);
    cr_assert_eq(zmalloc_used_memory(), before);
}

static void copy_and_count(char *(*duplicate)(const char *string))
{
    size_t before = zmalloc_used_memory();
    char text[] = "resident";
    char *copy = duplicate(text);
    char *empty = duplicate("");
    text[0] = 'p';
    cr_assert_str_eq(copy, "resident");
    cr_assert_str_eq(empty, "");
    cr_assert_eq(zmalloc_used_memory() - before, zmalloc_size(copy) + zmalloc_size(empty));
    zfree(copy);
    zfree(empty);
    cr_assert_eq(zmalloc_used_memory(), before);
}

Test(blocks, strings_are_copied_and_counted)
{
    copy_and_count(zstrdup);
    copy_and_count(ztrystrdup);
}

Test(blocks, a_string_that_cannot_be_copied_is_tried_without_the_handler)
{
    expect_no_oom();
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 1);
    errno = 0;
    cr_assert_null(ztrystrdup("resident"));
    cr_assert_eq(errno, ENOMEM);
    cr_assert_eq(oom_calls, 0);
    cr_assert_null(zstrdup("resident"));
    cr_assert_eq(oom_bytes, sizeof "resident");
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
}

/* Never more than what a fresh block has, nor less than was asked for. Used blocks may have more.
 */
Test(blocks, the_good_size_is_that_of_a_fresh_block)
{
    size_t before = zmalloc_used_memory();
    for (size_t n = 0; n <= (size_t)4 << 20; n += n < 5000 ? 1 : n / 50) {
        size_t good = zmalloc_good_size(n);
        REQUIRE(zmalloc_used_memory() == before, "asking moved the total");
        void *block = zmalloc(n), *zeroed = zcalloc(n);
        REQUIRE(good >= n, "%zu bytes: %zu", n, good);
        REQUIRE(good <= zmalloc_usable(block), "%zu bytes: %zu, not %zu", n, good,
                zmalloc_usable(block));
        REQUIRE(good <= zmalloc_usable(zeroed), "%zu zeroed: %zu, not %zu", n, good,
                zmalloc_usable(zeroed));
        REQUIRE(!ZM_TEST_TELLS_GOOD_SIZE || n > 4096 || good == zmalloc_usable(block)
                    || may_be_sample(block),
                "%zu bytes: %zu, not %zu", n, good, zmalloc_usable(block));
        zfree(block);
        zfree(zeroed);
    }
    const size_t impossible[] = {(size_t)PTRDIFF_MAX + 1, SIZE_MAX};
    for (size_t i = 0; i < 2; i++)
        cr_assert_eq(zmalloc_good_size(opaque(impossible[i])), impossible[i]);
}

Test(blocks, the_usable_size_has_two_names)
{
    void *block = zmalloc(100);
    cr_assert_eq(zmalloc_usable_size(block), zmalloc_usable(block));
    cr_assert_eq(zmalloc_usable_size(NULL), 0);
    zfree(block);
}

/* getline's buffer comes from the C library, and goes back to it uncounted. */
Test(blocks, zlibc_free_frees_what_the_c_library_gave)
{
    size_t before = zmalloc_used_memory();
    char text[] = "a line\n";
    FILE *in = fmemopen(text, 7, "r");
    char *line = NULL;
    size_t capacity = 0;
    cr_assert_eq(getline(&line, &capacity, in), 7);
    zlibc_free(line);
    fclose(in);
    cr_assert_eq(zmalloc_used_memory(), before);
}
