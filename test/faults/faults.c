/* One fault a run, for the tools that are to find it: a tool that finds nothing in the library
 * proves something only if the same tool, set up the same way, finds these. Each fault is made by a
 * function of its own, whose name the tool's report must show.
 *
 * Arguments: the fault's name; for some the number of bytes. */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zmalloc.h"

typedef volatile unsigned char byte;

/* Keeps the compiler from seeing through a fault. */
static byte *volatile kept;
static volatile size_t bytes;

static void overflows(void)
{
    kept = zmalloc(bytes);
    kept[bytes] = 1;
}

static void overflows_a_zeroed_block(void)
{
    kept = zcalloc_num(bytes, 1);
    kept[bytes] = 1;
}

static void overflows_a_resized_block(void)
{
    void *block = zmalloc(3 * bytes);
    kept = zrealloc(block, bytes);
    kept[bytes] = 1;
}

static void overflows_an_aligned_block(void)
{
    kept = zaligned_alloc(64, bytes);
    kept[bytes] = 1;
}

static void overflows_what_is_usable(void)
{
    size_t usable;
    kept = zmalloc_at_least(bytes, &usable);
    kept[usable] = 1;
}

static void underflows(void)
{
    kept = zmalloc(bytes);
    kept[-1] = 1;
}

static void uses_after_free(void)
{
    kept = zmalloc(bytes);
    zfree((void *)kept);
    kept[0] = 1;
}

static void uses_after_resizing(void)
{
    void *block = zmalloc(bytes);
    kept = block;
    block = zrealloc(block, 100 * bytes);
    kept[0] = 1;
    zfree(block);
}

static void frees_twice(void)
{
    kept = zmalloc(bytes);
    zfree((void *)kept);
    zfree((void *)kept);
}

/* Some, as the last one's address may stay in a register or on the stack. */
enum { LEAKS = 10 };

static void leaks(void)
{
    for (int i = 0; i < LEAKS; i++) {
        kept = zmalloc(bytes);
        kept[0] = 1;
    }
    kept = NULL;
}

static void leaks_a_copy(void)
{
    for (int i = 0; i < LEAKS; i++)
        kept = (byte *)zstrdup("nobody frees this");
    kept = NULL;
}

/* Of memory that is not the library's. */
static void leaks_of_libc(void)
{
    kept = malloc(bytes);
    kept[0] = 1;
    kept = NULL;
}

static void branches_on_nothing(void)
{
    kept = zmalloc(bytes);
    if (kept[0] == 1)
        puts("one");
    zfree((void *)kept);
}

static void on_two_threads(void *(*run)(void *unused))
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, run, NULL) != 0)
            exit(2);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

static void *races_on_a_thread(void *unused)
{
    for (int i = 0; i < 1000; i++)
        kept[0]++;
    return unused;
}

static void races(void)
{
    kept = zcalloc(bytes);
    on_two_threads(races_on_a_thread);
    zfree((void *)kept);
}

static void *allocates_on_a_thread(void *unused)
{
    for (int i = 0; i < 1000; i++)
        zfree(zmalloc(bytes));
    return unused;
}

/* A fault only of a library that counts without its lock, see unlocked.h. */
static void allocates(void)
{
    on_two_threads(allocates_on_a_thread);
}

static void adds_too_much(void)
{
    volatile int most = INT_MAX;
    most = most + 1;
}

static void does_nothing_wrong(void)
{
    kept = zmalloc(bytes);
    kept[bytes - 1] = 1;
    zfree((void *)kept);
}

static const struct {
    const char *name;
    void (*make)(void);
} faults[] = {
    {"overflows", overflows},
    {"overflows_a_zeroed_block", overflows_a_zeroed_block},
    {"overflows_a_resized_block", overflows_a_resized_block},
    {"overflows_an_aligned_block", overflows_an_aligned_block},
    {"overflows_what_is_usable", overflows_what_is_usable},
    {"underflows", underflows},
    {"uses_after_free", uses_after_free},
    {"uses_after_resizing", uses_after_resizing},
    {"frees_twice", frees_twice},
    {"leaks", leaks},
    {"leaks_a_copy", leaks_a_copy},
    {"leaks_of_libc", leaks_of_libc},
    {"branches_on_nothing", branches_on_nothing},
    {"races", races},
    {"allocates", allocates},
    {"adds_too_much", adds_too_much},
    {"does_nothing_wrong", does_nothing_wrong},
};

int main(int argc, char **argv)
{
    bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
    for (size_t i = 0; argc > 1 && i < sizeof faults / sizeof *faults; i++)
        if (strcmp(argv[1], faults[i].name) == 0) {
            faults[i].make();
            return 0;
        }
    fprintf(stderr, "no fault of that name\n");
    return 2;
}
