/* GMP: factorials, a big multiplication, printing; and what a longjmp out of the out-of-memory
 * handler leaves behind. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "adapter.h"
#include "child.h"
#include "zmalloc/gmp.h"

enum { FACTORIAL = 2000, BITS = 4000000 };

static jmp_buf give_up;

static _Noreturn void leave(size_t n)
{
    require(n > 0, "the handler is told 0 bytes");
    longjmp(give_up, 1);
}

static void ignore(size_t n)
{
    (void)n;
}

/* 2000! in text, and back: divided by all of its factors it is 1. */
static void print_factorial(void)
{
    mpz_t n, again;
    mpz_init(n);
    mpz_init(again);
    mpz_fac_ui(n, FACTORIAL);
    char *text = mpz_get_str(NULL, 10, n);
    require(strlen(text) == 5736, "%d! has %zu digits", FACTORIAL, strlen(text));
    require(mpz_set_str(again, text, 10) == 0 && mpz_cmp(n, again) == 0, "it is not what it was");
    for (unsigned i = 2; i <= FACTORIAL; i++)
        mpz_divexact_ui(again, again, i);
    require(mpz_cmp_ui(again, 1) == 0, "a factor is wrong");
    held();
    zfree(text);
    mpz_clear(n);
    mpz_clear(again);
}

/* (2^n - 1)(2^n + 1) = 2^2n - 1, for which GMP takes its fastest way and memory of its own. */
static void multiply(unsigned long bits)
{
    mpz_t low, high, product, expected;
    mpz_inits(low, high, product, expected, NULL);
    mpz_setbit(low, bits);
    mpz_add_ui(high, low, 1);
    mpz_sub_ui(low, low, 1);
    mpz_mul(product, low, high);
    mpz_setbit(expected, 2 * bits);
    mpz_sub_ui(expected, expected, 1);
    require(mpz_cmp(product, expected) == 0, "the product is wrong");
    size_t numbers = mpz_size(low) + mpz_size(high) + mpz_size(product) + mpz_size(expected);
    size_t now = held();
    require(now >= numbers * sizeof(mp_limb_t), "four numbers of %zu limbs are %zu bytes", numbers,
            now);
    mpz_clears(low, high, product, expected, NULL);
}

static bool calculate(void)
{
    print_factorial();
    multiply(BITS);
    return true;
}

/* What GMP has of the hooks, and they in turn of zmalloc: to find what GMP has lost. */
static void *noted[64];
static void *(*take)(size_t n);
static void *(*resize)(void *block, size_t had, size_t n);
static void (*give)(void *block, size_t had);

static void note(void *before, void *now)
{
    size_t i = 0;
    while (i < sizeof noted / sizeof *noted && noted[i] != before)
        i++;
    require(i < sizeof noted / sizeof *noted, "GMP has a block that it was not given");
    noted[i] = now;
}

static void *take_noted(size_t n)
{
    void *block = take(n);
    note(NULL, block);
    return block;
}

static void *resize_noted(void *block, size_t had, size_t n)
{
    void *moved = resize(block, had, n);
    note(block, moved);
    return moved;
}

static void give_noted(void *block, size_t had)
{
    note(block, NULL);
    give(block, had);
}

/* Frees what is noted still. Returns how many bytes of the total that was. */
static size_t give_lost(void)
{
    size_t lost = 0;
    for (size_t i = 0; i < sizeof noted / sizeof *noted; i++) {
        lost += zmalloc_size(noted[i]);
        zfree(noted[i]);
        noted[i] = NULL;
    }
    return lost;
}

/* A power and its root, in numbers that outlive it. True when it was done, false when given up. */
static bool calculate_or_give_up(mpz_t power, mpz_t root)
{
    if (setjmp(give_up))
        return false;
    mpz_ui_pow_ui(power, 7, 30000);
    mpz_mul(power, power, power);
    mpz_sqrt(root, power);
    char *text = mpz_get_str(NULL, 10, root);
    give_noted(text, strlen(text) + 1);
    return true;
}

/* Fails each allocation in turn. What GMP has taken for itself within the call that is given up is
 * lost, and nothing else is: once the numbers are cleared, what is left is what the hooks gave and
 * did not get back. Afterwards GMP calculates as before. */
static void give_up_at_each(void)
{
    size_t total = zmalloc_used_memory(), all = 0, most = 0, times = 0, nth = 1;
    mp_get_memory_functions(&take, &resize, &give);
    mp_set_memory_functions(take_noted, resize_noted, give_noted);
    zmalloc_set_oom_handler(leave);
    for (bool done = false; !done; nth++) {
        mpz_t power, root;
        mpz_inits(power, root, NULL);
        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, nth);
        done = calculate_or_give_up(power, root);
        require(done == (zmalloc_failed(ZMALLOC_THIS_THREAD) == 0), "a failure was not told");
        zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
        mpz_clears(power, root, NULL);
        size_t lost = give_lost();
        require(!done || lost == 0, "%zu bytes are left without a failure", lost);
        require_total(total, "after what GMP lost was freed");
        most = lost > most ? lost : most;
        times += lost != 0;
        all += lost;
    }
    zmalloc_set_oom_handler(NULL);
    mp_set_memory_functions(take, resize, give);
    require(nth - 2 >= 5, "%zu allocations failed", nth - 2);
    printf("each of %zu allocations failed in turn: GMP lost memory %zu times, %zu bytes at most, "
           "%zu in all\n",
           nth - 2, times, most, all);
}

static void run_out(void *handler)
{
    zmalloc_set_oom_handler(*(zmalloc_oom_handler **)handler);
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_ABOVE, 100000);
    multiply(BITS);
}

/* The process ends where the handler is the default one, or returns: GMP never gets NULL. */
static void require_abort(zmalloc_oom_handler *handler, const char *says)
{
    char text[300];
    int status = run_child(run_out, &handler, true, text, sizeof text);
    require(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "the status is %#x: %s",
            (unsigned)status, text);
    require(strncmp(text, says, strlen(says)) == 0, "the process says: %s", text);
}

int main(void)
{
    require(zmalloc_gmp_install() == 0, "the install call fails");
    require_work(calculate, 4 * BITS / 8);
    printf("GMP %s: %zu bytes at most\n", gmp_version, zmalloc_get_peak_memory());
    give_up_at_each();
    require_work(calculate, 4 * BITS / 8);
    require_abort(NULL, "zmalloc: Out of memory trying to allocate ");
    require_abort(ignore, "");
    return 0;
}
