/* The stacks of samples, as the profile has them. */
#include <unwind.h>

#include "samples.h"

/* Returns where it was called from. */
__attribute__((noinline)) static void *allocate_for(void **block, size_t n)
{
    *block = zmalloc(n);
    return __builtin_return_address(0);
}

static bool stands_in(const uintptr_t *stack, unsigned depth, uintptr_t address)
{
    for (unsigned i = 0; i < depth; i++)
        if (stack[i] == address)
            return true;
    return false;
}

SAMPLES_TEST(what_is_written_begins_with_the_caller)
{
    start(MEAN);
    void *block, *caller = allocate_for(&block, LARGE);
    struct profile with = read_profile();
    cr_assert_eq(with.count, 1);
    REQUIRE(with.depth >= 2, "a stack of %u frames", with.depth);
    if (ZM_TEST_IS_SHARED)
        cr_assert(with.stack[1] - (uintptr_t)caller + 8 <= 16); /* ARM's Thumb bit, SPARC's slot */
    else
        cr_assert(stands_in(with.stack, with.depth, (uintptr_t)caller));
    zfree(block);
}

static uintptr_t callers[64];
static unsigned caller_count;

static _Unwind_Reason_Code keep_caller(struct _Unwind_Context *context, void *unused)
{
    (void)unused;
    if (caller_count < 64)
        callers[caller_count++] = _Unwind_GetIP(context);
    return _URC_NO_REASON;
}

static void keep_callers(size_t n)
{
    (void)n;
    _Unwind_Backtrace(keep_caller, NULL);
}

/* google-pprof takes the first address as it is: that after the call may be of another function,
 * if one was inlined. Of two calls in one place one fails, which tells the addresses. */
SAMPLES_TEST(what_is_written_begins_within_the_call)
{
    volatile size_t n = SIZE_MAX; /* refused before the allocator is asked */
    void *block;
    start(MEAN);
    zmalloc_set_oom_handler(keep_callers);
    allocate_for(&block, n);
    zmalloc_set_oom_handler(NULL);
    n = LARGE;
    allocate_for(&block, n);
    if (ZM_TEST_IS_SHARED)
        cr_assert(stands_in(callers, caller_count, read_profile().stack[0] + 1));
    zfree(block);
}

/* ---- Frame pointers that point nowhere ---- */

#if ZM_TEST_FRAME_POINTERS

#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

/* As a function leaves it that uses the register for something else. */
__attribute__((noinline)) static void *allocate_below(void *caller_frame)
{
    void *volatile *frame = __builtin_frame_address(0);
    void *own = frame[0];
    frame[0] = caller_frame;
    void *block = zmalloc(LARGE);
    frame[0] = own;
    return block;
}

SAMPLES_TEST(a_frame_pointer_that_is_none_ends_the_stack)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *nowhere = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(nowhere, (char *)MAP_FAILED);
    char *const frames[] = {nowhere, NULL, (char *)&page + 1};
    start(MEAN);
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        void *block = allocate_below(frames[i]);
        REQUIRE(read_profile().depth == 2, "a stack of %u", read_profile().depth);
        zfree(block);
    }
    munmap(nowhere, page);
}

#ifdef __GLIBC__
#define ZM_TEST_IS_GLIBC 1
#else
#define ZM_TEST_IS_GLIBC 0
#endif

/* The main thread's is read from a file by glibc. */
static unsigned depth_without_files(void)
{
    struct rlimit before, none;
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    void *block = zmalloc(LARGE);
    setrlimit(RLIMIT_NOFILE, &before);
    unsigned depth = read_profile().depth;
    zfree(block);
    return depth;
}

SAMPLES_TEST(a_stack_that_could_not_be_asked_for_is_asked_for_again)
{
    start(MEAN);
    unsigned depth = depth_without_files();
    cr_assert(depth == 1 || !ZM_TEST_IS_GLIBC);
    void *block = zmalloc(LARGE);
    cr_assert_geq(read_profile().depth, 2);
    zfree(block);
}

/* Nobody knows where it ends. */
static void *other_stack_block;
static ucontext_t here, there;

static void allocate_there(void)
{
    other_stack_block = zmalloc(LARGE);
}

SAMPLES_TEST(of_another_stack_than_the_threads_the_caller_is_told)
{
    static char stack[1 << 16];
    start(MEAN);
    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    there.uc_link = &here;
    makecontext(&there, allocate_there, 0);
    swapcontext(&here, &there);
    struct profile with = read_profile();
    cr_assert_eq(with.depth, 1);
    uintptr_t begin = (uintptr_t)allocate_there;
    cr_assert(with.stack[0] > begin && with.stack[0] - begin < 100);
    zfree(other_stack_block);
}

#endif
