#include "calls.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "figures.h"
#include "total.h"
#include "variants.h"

/* Volatile, so that the compiler does not see the request and warn of it. */
static volatile size_t above_all = (size_t)PTRDIFF_MAX + 1;

static _Thread_local int failures;
static _Thread_local size_t failed_size;

void note_failure(size_t n)
{
    failures++;
    failed_size = n;
}

void expect_no_failure(void)
{
    failures = 0;
    errno = UNTOUCHED;
}

/* Of the call that was just made for n bytes and gave NULL. */
static void require_failure(const char *name, bool calls_handler, size_t n)
{
    require(errno == ENOMEM, "%s of %zu bytes failed with errno %d", name, n, errno);
    require(failures == calls_handler, "%s of %zu bytes failed and called the handler %d times",
            name, n, failures);
    require(!calls_handler || failed_size == n, "%s of %zu bytes told the handler %zu", name, n,
            failed_size);
    require(last_usable == 0, "%s of %zu bytes failed and stored %zu", name, n, last_usable);
}

/* errno means nothing then, as after malloc. */
static void require_success(const char *name, size_t n)
{
    require(failures == 0, "%s of %zu bytes succeeded and called the handler", name, n);
}

static void fill(unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        block[i] = (unsigned char)(i * 7);
}

static void require_filled(const char *name, const unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        require(block[i] == (unsigned char)(i * 7), "%s: byte %zu of %zu is another", name, i, n);
}

static void require_zero(const char *name, const unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++)
        require(block[i] == 0, "%s: byte %zu of %zu is not zero", name, i, n);
}

static void release_block(const struct release_call *call, void *block)
{
    errno = UNTOUCHED;
    call->release(block);
    require(errno == UNTOUCHED, "%s set errno to %d", call->name, errno);
}

static void check_fresh_block(const struct alloc_call *call, unsigned char *block, size_t n)
{
    require((uintptr_t)block % sizeof(size_t) == 0, "%s gave %p", call->name, (void *)block);
    require(zmalloc_usable(block) >= n, "%s of %zu bytes has %zu", call->name, n,
            zmalloc_usable(block));
    require(last_usable == 0 || last_usable == zmalloc_usable(block), "%s stored %zu, not %zu",
            call->name, last_usable, zmalloc_usable(block));
    if (call->zeroed)
        require_zero(call->name, block, n);
    fill(block, n);
    require_filled(call->name, block, n);
}

/* One call, and where it gives a block, one of the calls that take it back. */
static void allocate_and_release(const struct alloc_call *call, const struct release_call *back,
                                 size_t n, bool may_fail)
{
    size_t before = zmalloc_used_memory();
    expect_no_failure();
    last_usable = 0;
    unsigned char *block = call->allocate(n);
    if (!block) {
        require(may_fail, "%s of %zu bytes failed, errno %d", call->name, n, errno);
        require_failure(call->name, call->calls_handler, n);
    } else {
        require_success(call->name, n);
        require_total(before + zmalloc_size(block), call->name);
        check_fresh_block(call, block, n);
        release_block(back, block);
    }
    require_total(before, call->name);
}

void require_refusal(const struct alloc_call *call, size_t n)
{
    size_t before = zmalloc_used_memory();
    expect_no_failure();
    last_usable = call->stores ? SIZE_MAX : 0;
    void *block = call->allocate(n);
    require(!block, "%s gave %zu bytes", call->name, n);
    require_failure(call->name, call->calls_handler, n);
    require_total(before, call->name);
}

static void check_getting(const struct supply *supply)
{
    static const size_t sizes[] = {0, 1, 100, 5000, 300000};
    size_t back = 0;
    for (const struct alloc_call *call = alloc_calls; call < alloc_calls + alloc_call_count;
         call++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            allocate_and_release(call, &release_calls[back], sizes[i], supply->no_memory);
            back = (back + 1) % release_call_count;
        }
        require_refusal(call, above_all);
        if (supply->no_memory)
            require_refusal(call, LARGE);
    }
}

static void require_intact(const char *name, unsigned char *block, size_t n, size_t size)
{
    require(zmalloc_size(block) == size, "%s failed and made the block another size", name);
    require_filled(name, block, n);
}

/* Returns where the block is then. */
static unsigned char *check_resizing_by(const struct resize_call *call, unsigned char *block,
                                        size_t n, bool may_fail)
{
    size_t others = zmalloc_used_memory() - zmalloc_size(block);
    size_t filled = n, size = zmalloc_size(block);
    const size_t sizes[] = {above_all, may_fail ? LARGE : SIZE_MAX, 20 * n, n};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        expect_no_failure();
        last_usable = 0;
        unsigned char *moved = call->resize(block, sizes[i]);
        if (!moved) {
            require(may_fail || i < 2, "%s to %zu bytes failed", call->name, sizes[i]);
            require_failure(call->name, call->calls_handler, sizes[i]);
            require_intact(call->name, block, filled, size);
        } else {
            require(i >= 2, "%s gave %zu bytes", call->name, sizes[i]);
            require_success(call->name, sizes[i]);
            require_filled(call->name, moved, filled < sizes[i] ? filled : sizes[i]);
            block = moved;
            filled = sizes[i];
            size = zmalloc_size(block);
            fill(block, filled);
        }
        require_total(others + size, call->name);
    }
    return block;
}

static void check_resizing(const struct supply *supply)
{
    enum { N = 1000 };
    size_t before = zmalloc_used_memory();
    expect_no_failure();
    unsigned char *block = zmalloc(N);
    require(block || supply->no_memory, "no block to resize");
    if (!block)
        return;
    for (size_t i = 0; i < resize_call_count; i++) {
        fill(block, N);
        block = check_resizing_by(&resize_calls[i], block, N, supply->no_memory);
    }
    zfree(block);
    require_total(before, "after resizing");
}

static void check_bad_alignments(void)
{
    expect_no_failure();
    void *block = zaligned_alloc(above_all - above_all + 3, 10);
    require(!block && errno == EINVAL && failures == 0, "zaligned_alloc(3): errno %d", errno);
    expect_no_failure();
    block = ztryaligned_alloc(above_all - above_all, 10);
    require(!block && errno == EINVAL && failures == 0, "ztryaligned_alloc(0): errno %d", errno);
}

static void check_products_that_wrap(void)
{
    expect_no_failure();
    void *block = zcalloc_num(above_all, 3);
    require(!block, "zcalloc_num gave a product that wraps");
    last_usable = 0;
    require_failure("zcalloc_num", true, SIZE_MAX);
    expect_no_failure();
    block = ztrycalloc_num(above_all, 3);
    require(!block, "ztrycalloc_num gave a product that wraps");
    require_failure("ztrycalloc_num", false, SIZE_MAX);
}

static void check_strings(const struct supply *supply)
{
    size_t before = zmalloc_used_memory();
    expect_no_failure();
    char *copy = zstrdup("a string");
    last_usable = 0;
    if (copy) {
        require_success("zstrdup", sizeof "a string");
        require(strcmp(copy, "a string") == 0, "zstrdup gave \"%s\"", copy);
        require_total(before + zmalloc_size(copy), "after zstrdup");
    } else {
        require(supply->no_memory, "zstrdup failed");
        require_failure("zstrdup", true, sizeof "a string");
    }
    zfree(copy);
    require_total(before, "after zstrdup");
}

static void check_null_and_foreign_blocks(void)
{
    errno = UNTOUCHED;
    require(zmalloc_size(NULL) == 0 && zmalloc_usable(NULL) == 0, "NULL has a size");
    zfree(NULL);
    zfree_with_size(NULL, 0);
    zfree_no_tcache(NULL);
    zlibc_free(NULL);
    zmalloc_enable_thread_safeness();
    require(errno == UNTOUCHED, "a call on NULL set errno to %d", errno);
    size_t before = zmalloc_used_memory();
    void *volatile foreign = malloc(10);
    zlibc_free(foreign);
    require_total(before, "after a block of the C library");
}

void check_allocating_calls(const struct supply *supply)
{
    zmalloc_set_oom_handler(note_failure);
    check_getting(supply);
    check_resizing(supply);
    check_bad_alignments();
    check_products_that_wrap();
    check_strings(supply);
    check_null_and_foreign_blocks();
}

void check_every_call(const struct supply *supply)
{
    check_allocating_calls(supply);
    check_figures(supply);
}
