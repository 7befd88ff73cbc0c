/* Handlers that do not return. Rule: the library keeps no memory of one, so that a handler may
 * leave by longjmp, onto another stack whose old one is then unmapped, or by ending its thread, any
 * number of times; the total is what it was. */
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "total.h"

enum { JUMPS = 1000, STACKS = 200, COROUTINES = 8, ROUNDS = 20, THREADS = 100, STACK_SIZE = 65536 };

/* Volatile, so that the compiler does not see the request and warn of it. */
static volatile size_t too_much = (size_t)PTRDIFF_MAX + 1;
static volatile int handled;

static void run_out(void)
{
    void *volatile block = zmalloc(too_much);
    require(block, "zmalloc came back from a handler that does not return");
}

static void require_handled(int times, size_t total, const char *how)
{
    require(handled == times, "%s: the handler ran %d times, not %d", how, handled, times);
    require_total(total, how);
    handled = 0;
}

/* ---- longjmp, from several depths ---- */

static jmp_buf before_the_call;

static void jump(size_t n)
{
    (void)n;
    handled++;
    longjmp(before_the_call, 1);
}

/* Each frame has a buffer that nothing writes to: what was on the stack before stays there. */
__attribute__((noinline)) static void run_out_at(int depth)
{
    volatile char unwritten[5000];
    if (depth > 0)
        run_out_at(depth - 1);
    else
        run_out();
    (void)unwritten[0];
}

static void leave_by_longjmp(void)
{
    zmalloc_set_oom_handler(jump);
    for (volatile int i = 0; i < JUMPS; i++)
        if (setjmp(before_the_call) == 0)
            run_out_at(i % 7);
}

/* ---- Other stacks ---- */

static ucontext_t main_context;

static void *new_stack(void)
{
    void *stack =
        mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(stack != MAP_FAILED, "no stack");
    return stack;
}

static void prepare(ucontext_t *context, void *stack, void (*run)(void))
{
    getcontext(context);
    context->uc_stack.ss_sp = stack;
    context->uc_stack.ss_size = STACK_SIZE;
    context->uc_link = NULL;
    makecontext(context, run, 0);
}

static void go_to_main(size_t n)
{
    (void)n;
    handled++;
    setcontext(&main_context);
}

/* A stack at the same place each time, gone when the next handler runs on main's. */
static void leave_by_setcontext(void)
{
    zmalloc_set_oom_handler(go_to_main);
    for (volatile int i = 0; i < STACKS; i++) {
        ucontext_t coroutine;
        void *stack = new_stack();
        volatile bool is_back = false;
        prepare(&coroutine, stack, run_out);
        getcontext(&main_context);
        if (!is_back) {
            is_back = true;
            setcontext(&coroutine);
        }
        munmap(stack, STACK_SIZE);
        is_back = false;
        getcontext(&main_context);
        if (!is_back) {
            is_back = true;
            run_out();
        }
    }
}

/* ---- Coroutines that are all within their handlers at once ---- */

static ucontext_t coroutines[COROUTINES];
static int current;

static void yield(size_t n)
{
    (void)n;
    handled++;
    swapcontext(&coroutines[current], &main_context);
}

/* The handler comes back here in the end, once for each switch into it. */
static void run_out_again_and_again(void)
{
    for (;;) {
        void *volatile block = zmalloc(too_much);
        require(!block, "zmalloc gave %p", block);
    }
}

static void switch_within_handlers(void)
{
    void *stacks[COROUTINES];
    zmalloc_set_oom_handler(yield);
    for (int i = 0; i < COROUTINES; i++)
        prepare(&coroutines[i], stacks[i] = new_stack(), run_out_again_and_again);
    for (int i = 0; i < COROUTINES * ROUNDS; i++) {
        current = i % COROUTINES;
        swapcontext(&main_context, &coroutines[current]);
    }
    for (int i = 0; i < COROUTINES; i++)
        munmap(stacks[i], STACK_SIZE);
}

/* ---- The end of the thread ---- */

static void end_thread(size_t n)
{
    (void)n;
    handled++;
    pthread_exit(NULL);
}

static void *run_out_on_thread(void *unused)
{
    run_out();
    return unused;
}

static void leave_by_pthread_exit(void)
{
    zmalloc_set_oom_handler(end_thread);
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        require(pthread_create(&thread, NULL, run_out_on_thread, NULL) == 0, "no thread");
        pthread_join(thread, NULL);
    }
}

int main(void)
{
    if (UNDER_ADDRESS_SANITIZER || UNDER_THREAD_SANITIZER || UNDER_MEMORY_SANITIZER)
        skip("the sanitizers follow one stack a thread.");
    void *block = zmalloc(100);
    const size_t total = zmalloc_used_memory();
    leave_by_longjmp();
    require_handled(JUMPS, total, "longjmp");
    leave_by_setcontext();
    require_handled(2 * STACKS, total, "setcontext");
    switch_within_handlers();
    require_handled(COROUTINES * ROUNDS, total, "swapcontext");
    leave_by_pthread_exit();
    require_handled(THREADS, total, "pthread_exit");
    zfree(block);
    return 0;
}
