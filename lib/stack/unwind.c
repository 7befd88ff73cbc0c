/* By the unwinder of the compiler's library, which needs no frame pointers. */
#include "stack.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unwind.h>

#include "atomic.h"
#include "compiler.h"
#include "config.h"
#include "once.h"
#include "stack/own_code.h"

/* ---- Forks ----
 *
 * Where code is registered at run time (static programs, compilers that make code as they go) the
 * unwinder takes a lock that no fork handler of its own gives back in the child: a fork waits until
 * nobody walks, and who would walk meanwhile takes no stack. Signals wait for the end of a walk, as
 * their handlers may fork; but those of a crash, whose thread's own walk a fork does not wait for,
 * and takes into the child. */

static ZM_ATOMIC(size_t) walkers, forks;
static _Thread_local size_t own_walks ZM_TLS_MODEL; /* of the walkers */
static struct zm_once once = ZM_ONCE_INIT;

static void take_from(ZM_ATOMIC(size_t) * count, size_t n)
{
    atomic_fetch_sub_explicit(count, n, memory_order_acq_rel);
}

static void before_fork(void)
{
    zm_increment(&forks);
    take_from(&walkers, own_walks);
    while (zm_load_seq_cst(&walkers) != 0)
        zm_back_off();
}

static void after_fork(void)
{
    take_from(&walkers, -own_walks);
    take_from(&forks, 1);
}

static void after_fork_in_child(void)
{
    zm_store(&walkers, own_walks);
    zm_store(&forks, 0);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* At load: in the child before the program's handlers, which may start threads that walk. */
ZM_CONSTRUCTOR_EARLY static void watch_walks_early(void)
{
    zm_once(&once, watch_forks);
}

/* Stores which signals were held back before. */
static bool begin_walk(sigset_t *before)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    sigset_t held;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigdelset(&held, crashes[i]);
    pthread_sigmask(SIG_BLOCK, &held, before);
    zm_increment(&walkers);
    own_walks++;
    return zm_load_seq_cst(&forks) == 0;
}

static void end_walk(const sigset_t *before)
{
    own_walks--;
    take_from(&walkers, 1);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* ---- Walks ---- */

struct walk {
    uintptr_t caller; /* the first frame to be kept */
    uintptr_t *stack;
    unsigned depth, most;
};

/* All frames are kept until the caller's comes, as that may not: a compiler may have left it out.
 * An address may have a bit beside it (ARM's Thumb), or point past a delay slot (SPARC). */
static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *to)
{
    struct walk *walk = to;
    uintptr_t address = _Unwind_GetIP(context);
    if (address == 0)
        return _URC_END_OF_STACK;
    if (walk->caller && address - walk->caller + 8 <= 16) {
        walk->caller = 0;
        walk->depth = 0;
    }
    if (walk->depth != 0 || !zm_is_own_code(address))
        walk->stack[walk->depth++] = address;
    return walk->depth < walk->most ? _URC_NO_REASON : _URC_END_OF_STACK;
}

unsigned zm_stack_take(const struct zm_stack_top *top, uintptr_t *stack, unsigned most)
{
    struct walk walk = {.caller = top->caller, .stack = stack, .most = most};
    sigset_t signals_before;
    if (begin_walk(&signals_before))
        _Unwind_Backtrace(visit, &walk);
    end_walk(&signals_before);
    if (walk.depth == 0)
        stack[walk.depth++] = top->caller;
    return walk.depth;
}

/* The first walk may load things: not within an allocation. */
bool zm_stack_prepare(void)
{
    uintptr_t address;
    zm_find_own_code();
    zm_once(&once, watch_forks);
    return zm_stack_take(&ZM_STACK_TOP, &address, 1) == 1;
}
