/* Resizing within the hard limit, on one thread. */
#include "common.h"
#include "variants.h"

static const size_t room = (size_t)8 << 20;

static size_t limit_to(size_t more)
{
    size_t limit = zmalloc_used_memory() + more;
    zmalloc_set_hard_limit(limit);
    return limit;
}

/* Through a volatile pointer: the compiler takes the block to be freed, failed or not. */
static void refuse_to_resize(void *volatile block, size_t n)
{
    cr_assert_null(ztryrealloc(block, n));
}

/* In small steps: grown in place or moved, up to the last byte, and back. */
Test(resize_limits, a_block_grows_until_it_would_not_fit_and_is_intact)
{
    expect_no_oom();
    for (size_t r = 0; r < resize_call_count; r++) {
        size_t n = 100, limit = limit_to(room);
        unsigned char *block = ztrymalloc(n);
        memset(block, 7, n);
        for (;;) {
            size_t more = n + n / 8;
            size_t held = zmalloc_used_memory();
            unsigned char *moved = resize_calls[r].resize(block, more);
            REQUIRE(zmalloc_used_memory() <= limit, "%s passed the limit", resize_calls[r].name);
            if (!moved) {
                REQUIRE(zmalloc_used_memory() == held, "%s moved the total", resize_calls[r].name);
                break;
            }
            block = moved;
            REQUIRE(block[0] == 7 && block[n - 1] == 7, "%s lost what was there",
                    resize_calls[r].name);
            memset(block, 7, more);
            n = more;
        }
        REQUIRE(n > room / 2, "%s: no more than %zu", resize_calls[r].name, n);
        for (size_t i = 0; i < n; i++)
            REQUIRE(block[i] == 7, "%s: byte %zu changed", resize_calls[r].name, i);
        block = resize_calls[r].resize(block, 100);
        REQUIRE(block && block[99] == 7, "%s did not shrink", resize_calls[r].name);
        zfree(block);
        zmalloc_set_hard_limit(0);
    }
}

/* Of a block that is nearly the whole limit: there is no room for another of its size. */
Test(resize_limits, the_growth_alone_must_fit)
{
    unsigned char *block = ztrymalloc(room);
    size_t more = zmalloc_usable(block) + 65536;
    void *larger = ztrymalloc(more);
    size_t size = zmalloc_size(larger);
    zfree(larger);
    block[room - 1] = 9;
    limit_to(1000);
    refuse_to_resize(block, more);
    limit_to(size - zmalloc_size(block) + 8192);
    block = ztryrealloc(block, more);
    cr_assert_not_null(block);
    cr_assert_eq(block[room - 1], 9);
    zfree(block);
}

/* glibc's realloc moves a large block by a page for it, where it may. */
Test(resize_limits, a_block_resized_to_what_it_has_stays)
{
    const size_t sizes[] = {1, 100, 5000, 70000, 200000, (size_t)1 << 20, (size_t)3 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *block = ztrymalloc(sizes[i]);
        size_t limit = limit_to(0);
        for (int times = 0; times < 1000; times++) {
            block = ztryrealloc(block, zmalloc_usable(block));
            REQUIRE(block, "no room for the same %zu bytes", sizes[i]);
            REQUIRE(zmalloc_used_memory() <= limit, "%zu bytes grew", sizes[i]);
        }
        zmalloc_set_hard_limit(0);
        zfree(block);
    }
}

static size_t random_size(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    size_t largest = (size_t)16 << (*random >> 33) % 20;
    return (size_t)(*random >> 20) % largest + 1;
}

/* What a fresh block in place of `block` would take the total to. */
static size_t with_fresh(void *block, size_t n, size_t limit)
{
    zmalloc_set_hard_limit(0);
    void *fresh = ztrymalloc(n);
    size_t total = zmalloc_used_memory() - zmalloc_size(block);
    zfree(fresh);
    zmalloc_set_hard_limit(limit);
    return total;
}

/* Any size to any other, close to the limit: never above it, and refused only what does not fit.
 * Where sizes are not a function of the request a fresh block may differ by a page. */
static void resize_at_random(size_t align, size_t more)
{
    const size_t slack = ZM_TEST_HEADER ? 0 : 8192;
    uint64_t random = 1;
    void *block = ztryaligned_alloc(align, 100);
    size_t limit = limit_to(more);
    for (int i = 0; i < 20000; i++) {
        size_t n = random_size(&random);
        void *moved = ztryrealloc(block, n);
        REQUIRE(zmalloc_used_memory() <= limit, "%zu bytes passed the limit", n);
        if (!moved) {
            size_t total = with_fresh(block, n, limit);
            REQUIRE(total + slack > limit, "%zu bytes: %zu of %zu", n, total, limit);
        }
        block = moved ? moved : block;
        if (i % 100 == 0) {
            void *aligned = ztryaligned_alloc(align, 100);
            zfree(block);
            block = aligned;
        }
    }
    zmalloc_set_hard_limit(0);
    zfree(block);
}

Test(resize_limits, resized_at_random_near_the_limit)
{
    resize_at_random(16, room / 4);
    resize_at_random(8192, room / 4);
}

/* Of a large limit realloc may be given a little more room than a fresh block needs. mimalloc's
 * large blocks are whole units of 512 KiB, of which the last does not fit. */
Test(resize_limits, resized_at_random_near_a_large_limit)
{
    const size_t charged = (size_t)256 << 20;
    cr_assert_eq(zmalloc_charge(charged), 0);
    resize_at_random(16, room / 4 - 100000);
    zmalloc_discharge(charged);
}
