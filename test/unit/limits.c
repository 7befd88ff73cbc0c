/* The hard limit, and memory charged from elsewhere. One thread, where all is exact; many are in
 * programs/stress_limit.c. What is resized is in resize_limits.c. */
#include "chain.h"
#include "common.h"
#include "variants.h"

#include <sys/wait.h>
#include <unistd.h>

static const size_t room = (size_t)8 << 20;

static size_t limit_to(size_t more)
{
    size_t limit = zmalloc_used_memory() + more;
    zmalloc_set_hard_limit(limit);
    return limit;
}

Test(limits, none_at_first_and_none_by_0)
{
    cr_assert_eq(zmalloc_get_hard_limit(), 0);
    zmalloc_set_hard_limit(12345678);
    cr_assert_eq(zmalloc_get_hard_limit(), 12345678);
    zmalloc_set_hard_limit(0);
    cr_assert_eq(zmalloc_get_hard_limit(), 0);
    void *block = ztrymalloc((size_t)16 << 20);
    cr_assert_not_null(block);
    zfree(block);
}

/* By each call, and each size: what was refused would not have fitted. Where sizes of one request
 * differ, as those of mimalloc's aligned blocks, it may have been as large as any before. */
static void fill(const struct alloc_call *call, size_t n)
{
    struct link *first = NULL;
    /* A smaller room for small blocks, as emulators are slow. */
    size_t limit = limit_to(n < 1000 ? room / 8 : room), size = 0;
    for (;;) {
        oom_calls = 0;
        oom_bytes = 0;
        errno = 0;
        struct link *block = call->allocate(n);
        REQUIRE(zmalloc_used_memory() <= limit, "%s passed the limit", call->name);
        if (!block)
            break;
        size = zmalloc_size(block) > size ? zmalloc_size(block) : size;
        first = chain_block(block, first);
    }
    REQUIRE(errno == ENOMEM, "%s: errno %d", call->name, errno);
    REQUIRE(oom_calls == call->calls_handler, "%s: %d handler calls", call->name, oom_calls);
    REQUIRE(!oom_calls || oom_bytes == n, "%s told %zu, not %zu", call->name, oom_bytes, n);
    REQUIRE(zmalloc_used_memory() + size > limit, "%s: %zu of %zu, and %zu more was refused",
            call->name, zmalloc_used_memory(), limit, size);
    zmalloc_set_hard_limit(0);
    release_chain(first);
}

Test(limits, every_call_fills_to_the_last_block_that_fits)
{
    expect_no_oom();
    size_t before = zmalloc_used_memory();
    const size_t sizes[] = {40, 1000, 5000, 70000, (size_t)3 << 20};
    for (size_t c = 0; c < alloc_call_count; c++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            fill(&alloc_calls[c], sizes[i]);
    cr_assert_eq(zmalloc_used_memory(), before);
}

Test(limits, the_last_byte_can_be_charged)
{
    size_t before = zmalloc_used_memory();
    for (size_t limit = 1; limit < (size_t)1 << 22; limit = limit * 3 + 1) {
        limit_to(limit);
        cr_assert_eq(zmalloc_charge(limit - 1), 0);
        cr_assert_eq(zmalloc_charge(1), 0);
        errno = 0;
        cr_assert_eq(zmalloc_charge(1), -1);
        cr_assert_eq(errno, ENOMEM);
        cr_assert_eq(zmalloc_used_memory(), before + limit);
        zmalloc_discharge(limit);
        cr_assert_eq(zmalloc_used_memory(), before);
    }
}

Test(limits, a_charge_that_cannot_be_is_refused_without_a_limit)
{
    size_t before = zmalloc_used_memory();
    cr_assert_eq(zmalloc_charge(SIZE_MAX), -1);
    cr_assert_eq(zmalloc_charge((size_t)PTRDIFF_MAX + 1), -1);
    cr_assert_eq(zmalloc_charge(0), 0);
    cr_assert_eq(zmalloc_used_memory(), before);
}

Test(limits, the_total_does_not_wrap_without_a_limit)
{
    size_t before = zmalloc_used_memory();
    cr_assert_eq(zmalloc_charge(PTRDIFF_MAX), 0);
    cr_assert_eq(zmalloc_charge(PTRDIFF_MAX - before), 0);
    cr_assert_eq(zmalloc_charge(100), -1);
    cr_assert_eq(zmalloc_used_memory(), SIZE_MAX - 1);
    zmalloc_discharge(PTRDIFF_MAX - before);
    zmalloc_discharge(PTRDIFF_MAX);
    cr_assert_eq(zmalloc_used_memory(), before);
}

Test(limits, a_refused_zcalloc_touches_nothing)
{
    limit_to(room);
    size_t before = zmalloc_get_rss();
    for (int i = 0; i < 3; i++)
        cr_assert_null(ztrycalloc(opaque((size_t)1 << 30)));
    cr_assert_leq(zmalloc_get_rss(), before + ((size_t)4 << 20));
}

Test(limits, below_the_total_all_fails_until_enough_is_freed)
{
    expect_no_oom();
    void *large = zmalloc(room);
    zmalloc_set_hard_limit(zmalloc_used_memory() / 2);
    cr_assert_null(zmalloc(1));
    cr_assert_null(ztrymalloc(100000));
    cr_assert_eq(zmalloc_charge(1), -1);
    large = zrealloc(large, room / 2);
    cr_assert_not_null(large, "shrinking needs no room");
    zfree(large);
    void *small = zmalloc(100);
    cr_assert_not_null(small);
    zfree(small);
}

Test(limits, removed_while_full)
{
    struct link *first = NULL, *block;
    limit_to(100000);
    while ((block = ztrymalloc(100))) {
        first = chain_block(block, first);
    }
    zmalloc_set_hard_limit(0);
    block = ztrymalloc(100);
    cr_assert_not_null(block);
    zfree(block);
    release_chain(first);
}

Test(limits, a_fault_rule_and_a_limit_go_together)
{
    limit_to(room);
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 2);
    void *block = ztrymalloc(100);
    cr_assert_not_null(block);
    cr_assert_null(ztrymalloc(100));
    cr_assert_null(ztrymalloc(room));
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
    cr_assert_null(ztrymalloc(room));
    zmalloc_set_hard_limit(0);
    zfree(block);
}

Test(limits, hold_in_a_child, .disabled = ZM_TEST_EMULATED)
{
    limit_to(room);
    pid_t child = fork();
    if (child == 0)
        _exit(ztrymalloc(room + 1) == NULL && ztrymalloc(room / 2) != NULL
                      && ztrymalloc(room / 2 + 1) == NULL
                  ? 0
                  : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
}

/* The thread that sets it has nothing left that it was allowed before. */
Test(limits, close_to_the_total_a_limit_holds_at_once)
{
    struct link *first = NULL;
    for (int i = 0; i < 20000; i++) {
        first = chain_block(zmalloc(100), first);
        if (i % 500 == 0) {
            limit_to(50);
            REQUIRE(ztrymalloc(100) == NULL, "block %d passed the limit", i);
            zmalloc_set_hard_limit(0);
        }
    }
    release_chain(first);
}

/* ---- A thread's own counts ---- */

Test(limits, a_thread_knows_what_it_allocated_and_freed)
{
    uint64_t allocated[2], freed[2];
    zfree(zmalloc(1));
    errno = 0;
    if (zmalloc_get_thread_memory(&allocated[0], &freed[0]) != 0) {
        cr_assert_eq(errno, ENOSYS);
        return; /* one counter serves all threads */
    }
    void *block = zmalloc(1000), *other = zmalloc(50);
    size_t size = zmalloc_size(block), size_of_other = zmalloc_size(other);
    zfree(block);
    cr_assert_eq(zmalloc_get_thread_memory(&allocated[1], NULL), 0);
    cr_assert_eq(zmalloc_get_thread_memory(NULL, &freed[1]), 0);
    cr_assert_eq(allocated[1] - allocated[0], size + size_of_other);
    cr_assert_eq(freed[1] - freed[0], size);
    zfree(other);
}
