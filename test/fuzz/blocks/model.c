#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "zmalloc.h"

/* Requests up to here must succeed, those above PTRDIFF_MAX must fail, and between them it is the
 * allocator's to say: such a block is not written to. */
#define MUST_SUCCEED ((size_t)1 << 24)

/* ---- The pattern: numbers counted up from the seed, modulo a prime ---- */

enum { PERIOD = 251, RUN = 16 * PERIOD };

static unsigned char pattern[RUN + PERIOD];

static void write_pattern(unsigned char *at, size_t n, unsigned char seed)
{
    for (; n > RUN; n -= RUN, at += RUN)
        memcpy(at, pattern + seed, RUN);
    memcpy(at, pattern + seed, n);
}

static bool holds_pattern(const unsigned char *at, size_t n, unsigned char seed)
{
    for (; n > RUN; n -= RUN, at += RUN)
        if (memcmp(at, pattern + seed, RUN) != 0)
            return false;
    return memcmp(at, pattern + seed, n) == 0;
}

static bool is_zero(const unsigned char *at, size_t n)
{
    return n == 0 || (at[0] == 0 && memcmp(at, at + 1, n - 1) == 0);
}

/* ---- Failures ---- */

enum { NO_ERROR = 77 };

static _Thread_local unsigned told_count;
static _Thread_local size_t told_bytes;

static void note_out_of_memory(size_t n)
{
    told_count++;
    told_bytes = n;
}

void listen_for_failures(void)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (unsigned char)(i % PERIOD);
    zmalloc_set_oom_handler(note_out_of_memory);
}

static void forget_failures(void)
{
    told_count = 0;
    errno = NO_ERROR;
}

/* An alignment takes as much memory to look for a place in. */
static size_t needed(const struct answer *answer)
{
    return answer->asked > answer->alignment ? answer->asked : answer->alignment;
}

/* This thread's, as zmalloc_fail() knows it too. */
static _Thread_local struct {
    int kind;
    size_t n, seen, failed;
} rule;

void fail_by_rule(int kind, size_t n)
{
    int result = zmalloc_fail(ZMALLOC_THIS_THREAD, kind, n);
    must(result == 0, "zmalloc_fail refused rule %d, %zu", kind, n);
    rule.kind = kind;
    rule.n = n;
    rule.seen = 0;
    if (kind != ZMALLOC_FAIL_NONE)
        rule.failed = 0;
}

void end_rule(void)
{
    size_t failed = zmalloc_failed(ZMALLOC_THIS_THREAD);
    must(failed == rule.failed, "%zu allocations were failed by a rule, not %zu", failed,
         rule.failed);
    fail_by_rule(ZMALLOC_FAIL_NONE, 0);
}

/* Requests that nobody could meet are not counted. */
static bool could_be_met(const struct answer *answer)
{
    size_t extra = answer->alignment > ZM_TEST_ALIGNMENT ? answer->alignment : 0;
    return answer->asked <= PTRDIFF_MAX && extra <= PTRDIFF_MAX - answer->asked;
}

/* Whether the call that was just made was to fail. Counts it. */
static bool fails_by_rule(const struct answer *answer)
{
    if (!could_be_met(answer))
        return false;
    rule.seen++;
    bool fails = (rule.kind == ZMALLOC_FAIL_NTH && rule.seen == rule.n)
                 || (rule.kind == ZMALLOC_FAIL_EVERY && rule.seen % rule.n == 0)
                 || (rule.kind == ZMALLOC_FAIL_ABOVE && answer->asked > rule.n);
    rule.failed += fails;
    must(!fails || !answer->block, "a rule did not fail %zu bytes", answer->asked);
    return fails;
}

static void check_failure(const char *name, const struct answer *answer, bool is_by_rule)
{
    must(errno == ENOMEM, "%s(%zu) failed with errno %d", name, answer->asked, errno);
    must(is_by_rule || needed(answer) > MUST_SUCCEED, "%s(%zu) failed", name, answer->asked);
    must(!answer->stores || answer->stored == 0, "%s failed and stored %zu", name, answer->stored);
    must(told_count == answer->tells, "%s failed and called the handler %u times", name,
         told_count);
    must(!answer->tells || told_bytes == answer->asked, "%s: the handler was told %zu, not %zu",
         name, told_bytes, answer->asked);
}

static void check_no_failure(const char *name)
{
    must(told_count == 0, "%s called the out-of-memory handler", name);
}

/* Freeing leaves errno alone; after a successful allocation it means nothing. */
static void check_errno_left(const char *name)
{
    must(errno == NO_ERROR, "%s set errno to %d", name, errno);
}

/* ---- One block ---- */

static void check_block(const struct slot *slot, const char *when)
{
    must(holds_pattern(slot->block, slot->written, slot->seed), "%s: the contents changed", when);
    size_t usable = zmalloc_usable(slot->block);
    size_t size = zmalloc_size(slot->block);
    must(usable == slot->usable, "%s: %zu usable bytes became %zu", when, slot->usable, usable);
    must(size == slot->size, "%s: size %zu became %zu", when, slot->size, size);
}

static void check_promises(const char *name, const struct answer *answer)
{
    size_t alignment =
        answer->alignment > ZM_TEST_ALIGNMENT ? answer->alignment : ZM_TEST_ALIGNMENT;
    size_t usable = zmalloc_usable(answer->block);
    size_t size = zmalloc_size(answer->block);
    must(needed(answer) <= PTRDIFF_MAX, "%s(%zu) gave a block", name, answer->asked);
    must((uintptr_t)answer->block % alignment == 0, "%s(%zu) gave %p, not aligned to %zu", name,
         answer->asked, answer->block, alignment);
    must(!answer->stores || answer->stored == usable, "%s(%zu) stored %zu, usable are %zu", name,
         answer->asked, answer->stored, usable);
    must(usable >= answer->asked, "%s(%zu): %zu usable bytes", name, answer->asked, usable);
    must(size >= usable, "%s(%zu): %zu usable bytes, and size %zu", name, answer->asked, usable,
         size);
    must(size % sizeof(long) == 0, "%s(%zu): size %zu", name, answer->asked, size);
}

static void fill_slot(struct slot *slot, const struct answer *answer)
{
    slot->block = answer->block;
    slot->written = answer->promised > MUST_SUCCEED ? 0 : answer->promised;
    slot->seed = (unsigned char)((slot->seed + 1) % PERIOD);
    slot->usable = zmalloc_usable(slot->block);
    slot->size = zmalloc_size(slot->block);
    write_pattern(slot->block, slot->written, slot->seed);
}

static void empty_slot(struct slot *slot)
{
    *slot = (struct slot){.seed = slot->seed};
}

/* ---- The calls ---- */

void get_block(struct slot *slot, const struct alloc_call *call, size_t n, unsigned variety)
{
    forget_failures();
    struct answer answer = call->allocate(n, variety);
    bool is_to_fail = fails_by_rule(&answer);
    if (!answer.block) {
        check_failure(call->name, &answer, is_to_fail);
        return;
    }
    check_no_failure(call->name);
    check_promises(call->name, &answer);
    must(!answer.zeroed || answer.promised > MUST_SUCCEED || is_zero(answer.block, answer.promised),
         "%s(%zu): not all zero", call->name, n);
    fill_slot(slot, &answer);
}

void resize_block(struct slot *slot, const struct resize_call *call, size_t n)
{
    if (slot->block)
        check_block(slot, "before it is resized");
    forget_failures();
    struct answer answer = call->resize(slot->block, n);
    if (slot->block && n == 0) {
        check_no_failure(call->name);
        check_errno_left(call->name);
        must(!answer.block, "%s(block, 0) gave a block", call->name);
        must(!answer.stores || answer.stored == 0, "%s(block, 0) stored %zu", call->name,
             answer.stored);
        empty_slot(slot);
        return;
    }
    bool is_to_fail = fails_by_rule(&answer);
    if (!answer.block) {
        check_failure(call->name, &answer, is_to_fail);
        if (slot->block)
            check_block(slot, "after a resize that failed");
        return;
    }
    check_no_failure(call->name);
    check_promises(call->name, &answer);
    size_t kept = slot->written < n ? slot->written : n;
    must(holds_pattern(answer.block, kept, slot->seed), "%s: %zu bytes to %zu, not all were kept",
         call->name, slot->written, n);
    fill_slot(slot, &answer);
}

void give_block(struct slot *slot, const struct release_call *call)
{
    if (slot->block)
        check_block(slot, "before it is freed");
    forget_failures();
    call->release(slot->block, slot->usable);
    check_no_failure(call->name);
    check_errno_left(call->name);
    empty_slot(slot);
}

void ask_for_bad_alignment(size_t alignment, size_t n)
{
    forget_failures();
    void *block = zaligned_alloc(alignment, n);
    must(!block && errno == EINVAL && told_count == 0, "zaligned_alloc(%zu, %zu): errno %d",
         alignment, n, errno);
    forget_failures();
    block = ztryaligned_alloc(alignment, n);
    must(!block && errno == EINVAL && told_count == 0, "ztryaligned_alloc(%zu, %zu): errno %d",
         alignment, n, errno);
}

/* ---- All blocks ---- */

static void check_apart(const struct slot *one, const struct slot *other)
{
    if (!one->block || !other->block)
        return;
    uintptr_t a = (uintptr_t)one->block;
    uintptr_t b = (uintptr_t)other->block;
    must(a != b && (a < b ? b - a >= one->usable : a - b >= other->usable),
         "%zu bytes at %p and %zu at %p are the same memory", one->usable, (void *)one->block,
         other->usable, (void *)other->block);
}

void check_all(const struct slot *slots, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += slots[i].size;
        if (slots[i].block)
            check_block(&slots[i], "at rest");
        for (size_t k = 0; k < i; k++)
            check_apart(&slots[i], &slots[k]);
    }
    size_t used = zmalloc_used_memory();
    must(used == total, "the total is %zu, the blocks are %zu (%+td)", used, total,
         (ptrdiff_t)(used - total));
}
