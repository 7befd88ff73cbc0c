/* lib/ over a backend that is watched: what a backend may rely on, and what lib/ does when it
 * fails. */
#include <stddef.h>

#include "backend.h"
#include "common.h"
#include "size_cache.h"
#include "variants.h"

enum { MIN_REQUEST = 25, ALIGNMENT = 16, PADDING = 8 };

/* A block is what malloc gives, behind its request. Success leaves errno alone, whatever malloc
 * does. */
struct watched {
    size_t request;
    size_t unused;
};

static int fails;              /* every allocating call gives NULL */
static int size_questions;     /* calls of block_size */
static int good_size_is_wrong; /* as in a debug build of an allocator */
static int calls;              /* of anything that allocates */

static size_t padded(size_t n)
{
    return (n + PADDING - 1) / PADDING * PADDING;
}

static void check_request(size_t n)
{
    calls++;
    REQUIRE(n >= MIN_REQUEST, "the backend was asked for %zu bytes", n);
    REQUIRE(n <= PTRDIFF_MAX, "the backend was asked for %zu bytes", n);
}

static void *watched_malloc(size_t n)
{
    check_request(n);
    int errno_before = errno;
    struct watched *block = fails ? NULL : malloc(sizeof *block + padded(n));
    if (!block)
        return NULL;
    errno = errno_before;
    block->request = n;
    return block + 1;
}

static void *watched_zalloc(size_t n)
{
    void *block = watched_malloc(n);
    return block ? memset(block, 0, padded(n)) : NULL;
}

static void *watched_realloc(void *p, size_t n)
{
    check_request(n);
    REQUIRE(p, "the backend was given NULL to resize");
    int errno_before = errno;
    struct watched *block =
        fails ? NULL : realloc((struct watched *)p - 1, sizeof *block + padded(n));
    if (!block)
        return NULL;
    errno = errno_before;
    block->request = n;
    return block + 1;
}

static size_t aligned_to;

static void *watched_aligned_alloc(size_t align, size_t n)
{
    REQUIRE(align > ALIGNMENT && (align & (align - 1)) == 0, "the backend was asked for align %zu",
            align);
    REQUIRE(n + align <= PTRDIFF_MAX, "the backend was asked for %zu at %zu", n, align);
    aligned_to = align;
    return watched_malloc(n);
}

static size_t watched_block_size(void *p)
{
    REQUIRE(p, "the backend was asked about NULL");
    size_questions++;
    return padded(((struct watched *)p - 1)->request);
}

static void watched_free(void *p)
{
    REQUIRE(p, "the backend was given NULL to free");
    free((struct watched *)p - 1);
}

static void watched_free_sized(void *p, size_t size)
{
    REQUIRE(size == padded(((struct watched *)p - 1)->request), "freed with size %zu", size);
    watched_free(p);
}

static size_t watched_good_size(size_t n)
{
    return padded(n) + (good_size_is_wrong ? 16 : 0);
}

static struct zm_allocator_info said;

static void watched_info(struct zm_allocator_info *info)
{
    *info = said;
    errno = EIO;
}

static void watched_describe(char *buf, size_t len)
{
    snprintf(buf, len, "watched");
}

const struct zm_backend_vtable zm_backend = {
    .min_request = MIN_REQUEST,
    .alignment = ALIGNMENT,
    .malloc = watched_malloc,
    .zalloc = watched_zalloc,
    .malloc_no_tcache = watched_malloc,
    .free_no_tcache = watched_free,
    .realloc = watched_realloc,
    .aligned_alloc = watched_aligned_alloc,
    .free_sized = watched_free_sized,
    .block_size = watched_block_size,
    .usable_size = watched_block_size,
    .good_size = watched_good_size,
    .info = watched_info,
    .describe = watched_describe,
};

/* Through a volatile pointer: the compiler takes zrealloc to have freed the block, failed or
 * not. */
static void refuse_to_resize(void *volatile block, size_t n)
{
    cr_assert_null(zrealloc(block, opaque(n)));
}

Test(policy, requests_are_raised_to_what_the_backend_aligns)
{
    for (size_t n = 0; n <= MIN_REQUEST; n++) {
        void *block = zmalloc(n);
        cr_assert_eq(zmalloc_usable(block), padded(MIN_REQUEST));
        block = zrealloc(block, n + 1);
        zfree(block);
    }
}

Test(policy, too_large_requests_do_not_reach_the_backend)
{
    expect_no_oom();
    void *block = zmalloc(1);
    calls = 0;
    cr_assert_null(zmalloc(opaque((size_t)PTRDIFF_MAX + 1)));
    cr_assert_null(zcalloc_num(opaque(SIZE_MAX), 2));
    refuse_to_resize(block, SIZE_MAX);
    cr_assert_null(zaligned_alloc(opaque((size_t)1 << 20), PTRDIFF_MAX));
    cr_assert_null(zaligned_alloc(opaque(~(SIZE_MAX >> 1)), 1));
    cr_assert_eq(calls, 0);
    zfree(block);
}

Test(policy, an_alignment_that_malloc_gives_is_left_to_malloc)
{
    for (size_t align = 1; align <= ALIGNMENT; align *= 2)
        zfree(zaligned_alloc(align, 100));
    cr_assert_eq(aligned_to, 0);
    zfree(zaligned_alloc(ALIGNMENT * 2, 100));
    cr_assert_eq(aligned_to, ALIGNMENT * 2);
}

Test(policy, a_failing_backend_charges_nothing_and_tells_the_handler)
{
    expect_no_oom();
    void *block = zmalloc(100);
    size_t before = zmalloc_used_memory();
    size_t usable = 7;
    fails = 1;
    cr_assert_null(zmalloc(10));
    cr_assert_eq(oom_bytes, 10);
    cr_assert_null(zcalloc(11));
    cr_assert_eq(oom_bytes, 11);
    cr_assert_null(zcalloc_num(3, 4));
    cr_assert_eq(oom_bytes, 12);
    refuse_to_resize(block, 13);
    cr_assert_eq(oom_bytes, 13);
    cr_assert_null(zaligned_alloc(64, 14));
    cr_assert_eq(oom_bytes, 14);
    cr_assert_null(zmalloc_no_tcache(15));
    cr_assert_eq(oom_bytes, 15);
    cr_assert_null(zmalloc_at_least(16, &usable));
    cr_assert_eq(oom_bytes, 16);
    cr_assert_eq(usable, 0);
    cr_assert_null(zstrdup("sixteen letters."));
    cr_assert_eq(oom_bytes, 17);
    cr_assert_null(zmalloc(opaque(0)));
    cr_assert_eq(oom_bytes, 0);
    cr_assert_eq(oom_calls, 9);
    cr_assert_eq(zmalloc_used_memory(), before);
    fails = 0;
    zfree(block);
}

Test(policy, a_small_size_is_asked_for_once)
{
    zfree(zmalloc(100));
    size_questions = 0;
    void *blocks[50];
    for (int i = 0; i < 50; i++)
        blocks[i] = zmalloc(100);
    cr_assert_eq(size_questions, 0);
    for (int i = 0; i < 50; i++)
        zfree(blocks[i]);
    cr_assert_eq(size_questions, 50, "one question a free");
}

Test(policy, sizes_above_the_table_are_asked_for)
{
    zfree(zmalloc(ZM_SIZE_CACHE_MAX + 1));
    size_questions = 0;
    void *block = zmalloc(ZM_SIZE_CACHE_MAX + 1);
    cr_assert_eq(size_questions, 1);
    zfree(block);
}

Test(policy, an_allocator_that_contradicts_itself_is_asked_each_time)
{
    good_size_is_wrong = 1;
    size_t before = zmalloc_used_memory();
    for (int i = 0; i < 3; i++) {
        size_questions = 0;
        void *block = zmalloc(100);
        cr_assert_eq(size_questions, 1);
        cr_assert_eq(zmalloc_used_memory() - before, padded(100));
        zfree(block);
        cr_assert_eq(zmalloc_used_memory(), before);
    }
}

Test(policy, a_known_size_saves_the_question_when_freeing)
{
    size_t usable;
    void *block = zmalloc_at_least(100, &usable);
    size_questions = 0;
    zfree_with_size(block, usable);
    cr_assert_eq(size_questions, 0);
}

static void require_told(struct zm_allocator_info by_backend, size_t allocated, size_t active,
                         size_t resident)
{
    struct zmalloc_info info;
    said = by_backend;
    errno = EDOM;
    cr_assert_eq(zmalloc_get_info(&info, sizeof info, ZMALLOC_INFO_ALLOCATOR), 0);
    cr_assert_eq(errno, EDOM);
    cr_assert_eq(info.allocated, allocated == ZM_UNKNOWN ? ZMALLOC_UNKNOWN : allocated);
    cr_assert_eq(info.active, active == ZM_UNKNOWN ? ZMALLOC_UNKNOWN : active);
    cr_assert_eq(info.resident, resident == ZM_UNKNOWN ? ZMALLOC_UNKNOWN : resident);

    size_t stored[3];
    cr_assert_eq(zmalloc_get_allocator_info(&stored[0], &stored[1], &stored[2]),
                 allocated != ZM_UNKNOWN || active != ZM_UNKNOWN || resident != ZM_UNKNOWN);
    cr_assert_eq(errno, EDOM);
    cr_assert_eq(stored[0], allocated == ZM_UNKNOWN ? 0 : allocated);
    cr_assert_eq(stored[1], active == ZM_UNKNOWN ? 0 : active);
    cr_assert_eq(stored[2], resident == ZM_UNKNOWN ? 0 : resident);
}

/* allocated <= active <= resident where they are told, whatever moments the figures are of. */
Test(policy, what_an_allocator_tells_is_in_order_and_the_rest_unknown)
{
    const size_t no = ZM_UNKNOWN;
    require_told((struct zm_allocator_info){5, 6, 7, no, no}, 5, 6, 7);
    require_told((struct zm_allocator_info){5, 4, 7, no, no}, 5, 5, 7);
    require_told((struct zm_allocator_info){5, 6, 3, no, no}, 5, 6, 6);
    require_told((struct zm_allocator_info){5, 0, 0, no, no}, 5, 5, 5);
    require_told((struct zm_allocator_info){5, no, 3, no, no}, 5, no, 5);
    require_told((struct zm_allocator_info){no, 6, 3, no, no}, no, 6, 6);
    require_told((struct zm_allocator_info){5, no, no, no, no}, 5, no, no);
    require_told((struct zm_allocator_info){no, no, no, no, no}, no, no, no);
    cr_assert_str_eq(zmalloc_lib(), "watched");
}

/* A first call of a size fills the table of sizes and may make the slot; the second takes the
 * common path. */
Test(policy, success_leaves_errno_alone)
{
    errno = EDOM;
    for (size_t n = 0; n <= (size_t)1 << 20; n = n * 4 + 1)
        for (size_t get = 0; get < alloc_call_count; get++)
            for (size_t give = 0; give < release_call_count; give++)
                release_calls[give].release(alloc_calls[get].allocate(n));
    for (size_t resize = 0; resize < resize_call_count; resize++)
        zfree(resize_calls[resize].resize(zmalloc(100), 5000));
    cr_assert_eq(errno, EDOM);
}
