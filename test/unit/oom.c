/* Requests that cannot be met, and the handler. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "common.h"
#include "variants.h"

static void try_impossible(size_t n)
{
    for (size_t i = 0; i < alloc_call_count; i++) {
        oom_calls = 0;
        errno = 0;
        last_usable = 99;
        size_t before = zmalloc_used_memory();
        REQUIRE(alloc_calls[i].allocate(opaque(n)) == NULL, "%s(%zu)", alloc_calls[i].name, n);
        REQUIRE(errno == ENOMEM, "%s: errno %d", alloc_calls[i].name, errno);
        REQUIRE(last_usable == 99 || last_usable == 0, "%s stored", alloc_calls[i].name);
        REQUIRE(oom_calls == alloc_calls[i].calls_handler, "%s: %d handler calls",
                alloc_calls[i].name, oom_calls);
        REQUIRE(!oom_calls || oom_bytes == n, "%s told %zu, not %zu", alloc_calls[i].name,
                oom_bytes, n);
        REQUIRE(zmalloc_used_memory() == before, "%s moved the total", alloc_calls[i].name);
    }
}

Test(oom, too_large_requests_reach_the_handler_with_their_number)
{
    expect_no_oom();
    try_impossible(SIZE_MAX);
    try_impossible(SIZE_MAX - 4096);
    try_impossible((size_t)PTRDIFF_MAX + 1);
    if (SIZES_ARE_SMALL)
        return;
    try_impossible(PTRDIFF_MAX);
    try_impossible(PTRDIFF_MAX - 4096);
}

Test(oom, a_product_that_wraps_reaches_the_handler_as_size_max)
{
    expect_no_oom();
    const size_t half = (size_t)1 << (sizeof(size_t) * 4);
    const size_t pairs[][2] = {
        {half, half}, {SIZE_MAX, 2}, {2, SIZE_MAX}, {SIZE_MAX, SIZE_MAX}, {SIZE_MAX / 3 + 1, 3}};
    size_t before = zmalloc_used_memory();
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        size_t num = opaque(pairs[i][0]), n = opaque(pairs[i][1]);
        oom_calls = 0;
        cr_assert_null(zcalloc_num(num, n));
        cr_assert_eq(oom_calls, 1);
        cr_assert_eq(oom_bytes, SIZE_MAX);
        errno = 0;
        cr_assert_null(ztrycalloc_num(num, n));
        cr_assert_eq(errno, ENOMEM);
        cr_assert_eq(oom_calls, 1);
    }
    cr_assert_eq(zmalloc_used_memory(), before);
}

Test(oom, an_array_of_a_product_that_wraps_leaves_the_old_one)
{
    expect_no_oom();
    const size_t before = zmalloc_used_memory();
    unsigned char *volatile array = zreallocarray(NULL, 100, 3);
    const size_t used = zmalloc_used_memory();
    array[299] = 77;
    cr_assert_null(zreallocarray(array, opaque(SIZE_MAX / 3 + 1), 3));
    cr_assert_eq(oom_calls, 1);
    cr_assert_eq(oom_bytes, SIZE_MAX);
    errno = 0;
    cr_assert_null(ztryreallocarray(array, 3, opaque(SIZE_MAX / 3 + 1)));
    cr_assert_eq(errno, ENOMEM);
    cr_assert_eq(oom_calls, 1);
    cr_assert_eq(array[299], 77);
    cr_assert_eq(zmalloc_used_memory(), used);
    array = zreallocarray(array, 50, 7);
    cr_assert_geq(zmalloc_usable(array), 350);
    cr_assert_eq(array[299], 77);
    cr_assert_null(zreallocarray(array, 0, 7));
    cr_assert_eq(zmalloc_used_memory(), before);
}

static void another_handler(size_t n)
{
    (void)n;
}

Test(oom, setting_a_handler_tells_the_one_before)
{
    cr_assert_null(zmalloc_set_oom_handler(note_oom), "the default is NULL");
    cr_assert_eq(zmalloc_set_oom_handler(another_handler), note_oom);
    cr_assert_eq(zmalloc_set_oom_handler(NULL), another_handler);
    cr_assert_null(zmalloc_set_oom_handler(NULL));
}

Test(oom, a_product_that_fits_allocates_it_whole)
{
    void *block = zcalloc_num(300, 70);
    cr_assert_geq(zmalloc_usable(block), 21000);
    zfree(block);
    void *none = zcalloc_num(opaque(0), opaque(SIZE_MAX));
    void *nothing = zcalloc_num(opaque(SIZE_MAX), opaque(0));
    cr_assert(none && nothing);
    zfree(none);
    zfree(nothing);
}

Test(oom, an_alignment_no_memory_has_is_out_of_memory)
{
    expect_no_oom();
    size_t huge = ~(SIZE_MAX >> 1);
    cr_assert_null(zaligned_alloc(opaque(huge), 100));
    cr_assert_eq(oom_calls, 1);
    cr_assert_eq(oom_bytes, 100);
    errno = 0;
    cr_assert_null(ztryaligned_alloc(opaque(huge), 100));
    cr_assert_eq(errno, ENOMEM);
}

Test(oom, null_restores_the_default_handler, .signal = SIGABRT)
{
    expect_no_oom();
    zmalloc_set_oom_handler(NULL);
    zfree(zmalloc(opaque(SIZE_MAX)));
}

Test(oom, the_default_handler_aborts, .signal = SIGABRT)
{
    zfree(zmalloc(opaque(SIZE_MAX)));
}

static void fail_in_handler(size_t n)
{
    if (++oom_calls < 100)
        cr_assert_null(zmalloc(opaque(n - 1)));
    oom_bytes = n;
}

/* No memory is kept of a handler that runs: whether to go on is its own to decide. */
Test(oom, a_handler_that_runs_out_of_memory_is_called_again)
{
    zmalloc_set_oom_handler(fail_in_handler);
    cr_assert_null(zmalloc(opaque(SIZE_MAX)));
    cr_assert_eq(oom_calls, 100);
    cr_assert_eq(oom_bytes, SIZE_MAX);
}

static void allocate_in_handler(size_t n)
{
    note_oom(n);
    void *block = zmalloc(1000);
    cr_assert_not_null(block);
    zfree(block);
    cr_assert_null(ztrymalloc(opaque(SIZE_MAX)), "the try calls are fine in a handler");
}

Test(oom, a_handler_may_allocate)
{
    size_t before = zmalloc_used_memory();
    zmalloc_set_oom_handler(allocate_in_handler);
    for (int i = 1; i <= 3; i++) {
        cr_assert_null(zmalloc(opaque(SIZE_MAX)));
        cr_assert_eq(oom_calls, i);
    }
    cr_assert_eq(zmalloc_used_memory(), before);
}

static jmp_buf recovery;

static void jump_out(size_t n)
{
    note_oom(n);
    longjmp(recovery, 1);
}

/* Fails `depth` frames further down, each with a buffer of `size` bytes that nothing writes. */
__attribute__((noinline)) static void fail_at_depth(int depth, size_t size)
{
    volatile char unwritten[size];
    if (depth > 0)
        fail_at_depth(depth - 1, size);
    else
        zfree(zmalloc(opaque(SIZE_MAX)));
    (void)unwritten[0];
}

/* A jump tells nobody that the handler is over: failing again, at the same depth, further up and
 * further down the stack, must call the handler again and not be taken for a failure inside it. */
Test(oom, a_handler_may_longjmp_again_and_again)
{
    zmalloc_set_oom_handler(jump_out);
    size_t before = zmalloc_used_memory();
    static const int depths[] = {0, 0, 1, 2, 7, 3, 0, 20, 40};
    static const size_t sizes[] = {64, 512, 4096, 5000, 6000, BUFSIZ, 16384, 65536};
    enum { DEPTHS = sizeof depths / sizeof depths[0], SIZES = sizeof sizes / sizeof sizes[0] };
    for (volatile int i = 0; i < DEPTHS * SIZES; i++) {
        if (setjmp(recovery) == 0) {
            fail_at_depth(depths[i % DEPTHS], sizes[i / DEPTHS]);
            cr_assert_fail("the call came back");
        }
        cr_assert_eq(oom_calls, i + 1);
    }
    zmalloc_set_oom_handler(note_oom);
    cr_assert_null(zmalloc(opaque(SIZE_MAX)));
    cr_assert_eq(zmalloc_used_memory(), before);
}

static void *fail_on_thread(void *unused)
{
    return zmalloc(opaque(SIZE_MAX)) ? unused : NULL;
}

static void fail_on_another_thread(size_t n)
{
    if (__atomic_add_fetch(&oom_calls, 1, __ATOMIC_RELAXED) > 1)
        return;
    oom_bytes = n;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, fail_on_thread, NULL), 0);
    pthread_join(thread, NULL);
}

Test(oom, a_handler_on_one_thread_does_not_stop_one_on_another)
{
    zmalloc_set_oom_handler(fail_on_another_thread);
    cr_assert_null(zmalloc(opaque(SIZE_MAX)));
    cr_assert_eq(oom_calls, 2);
}
