/* Rules of the call that the patches in subprojects/packagefiles/ add to the private copies: it
 * tells what the query would have told just before, of blocks of every sort; and it keeps errno,
 * also where the system takes no page back. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#if TEST_IS_JEMALLOC

#define JEMALLOC_NO_DEMANGLE
#include <jemalloc/jemalloc.h>

/* Free pages go back at once. */
const char *je_malloc_conf = "dirty_decay_ms:0,muzzy_decay_ms:0";

#define ALLOCATE je_malloc
#define ALLOCATE_ALIGNED(alignment, n) je_mallocx(n, MALLOCX_ALIGN(alignment))
#define REALLOCATE je_realloc
#define QUERY(p) je_sallocx(p, 0)
#define FREE_SIZING je_free_sizing

static void give_pages_back_at_once(void)
{
}

#else

#include <gperftools/malloc_extension_c.h>
#include <gperftools/tcmalloc.h>

#define ALLOCATE tc_malloc
#define ALLOCATE_ALIGNED tc_memalign
#define REALLOCATE tc_realloc
#define QUERY tc_malloc_size
#define FREE_SIZING tc_free_sizing

static void give_pages_back_at_once(void)
{
    require(MallocExtension_SetNumericProperty("tcmalloc.aggressive_memory_decommit", 1),
            "the allocator cannot be told to give pages back");
}

#endif

enum { BATCH = 200, THREADS = 4 };
static const size_t largest = (size_t)9 << 20;

/* ---- What the allocator asks the system for ----
 *
 * It is in this program, and so these are what it calls. */

static bool refuses;
static unsigned long refused;

static int ask_system(long number, void *p, size_t n, int advice)
{
    if (!refuses)
        return (int)syscall(number, p, n, advice);
    refused++;
    errno = EPERM;
    return -1;
}

int madvise(void *p, size_t n, int advice)
{
    return ask_system(SYS_madvise, p, n, advice);
}

int munmap(void *p, size_t n)
{
    return ask_system(SYS_munmap, p, n, 0);
}

/* ---- Blocks ---- */

static void *filled(void *p, size_t n)
{
    require(p, "no memory for %zu bytes", n);
    size_t size = QUERY(p);
    require(size >= n, "%zu bytes for %zu", size, n);
    ((char *)p)[0] = 1;
    ((char *)p)[size - 1] = 1;
    return p;
}

static void release_block(void *p, const char *what)
{
    size_t size = QUERY(p);
    errno = EDOM;
    size_t told = FREE_SIZING(p);
    require(errno == EDOM, "%s, %zu bytes: errno was set to %d", what, size, errno);
    require(told == size, "%s: the query told %zu bytes, and the free %zu", what, size, told);
}

/* About the size n, of one of these sorts. */
static void *make_block(size_t n, int sort)
{
    switch (sort) {
    case 0:
        return filled(ALLOCATE(n), n);
    case 1:
        return filled(REALLOCATE(ALLOCATE(n), n + n / 8 + 1), n);
    case 2:
        return filled(REALLOCATE(ALLOCATE(n), n - n / 4), n - n / 4);
    case 3:
        return filled(REALLOCATE(ALLOCATE(n), n * 3), n * 3);
    default:
        return filled(ALLOCATE_ALIGNED((size_t)4 << (sort - 3), n), n);
    }
}

/* Alignments of 8 bytes to 4 MiB. */
enum { SORTS = 4 + 20 };

static void every_size(void)
{
    static const char *const whats[] = {"allocated", "grown a little", "shrunk", "grown",
                                        "aligned"};
    for (size_t n = 1; n <= largest; n += n < 2100 ? 1 : n / 10)
        for (int sort = 0; sort < SORTS; sort++)
            release_block(make_block(n, sort), whats[sort < 4 ? sort : 4]);
}

/* Many blocks at a time: caches overflow, and pages become free. */
static void batches(void)
{
    static void *blocks[BATCH];
    for (size_t n = 1; n <= 100000; n += n / 2 + 1) {
        for (int i = 0; i < BATCH; i++)
            blocks[i] = filled(ALLOCATE(n), n);
        for (int i = 0; i < BATCH; i++)
            release_block(blocks[i], "one of many");
    }
}

/* ---- Threads ---- */

struct exchange {
    pthread_t thread;
    void *blocks[BATCH];
};

static void *release_all(void *of)
{
    struct exchange *exchange = of;
    for (int i = 0; i < BATCH; i++)
        release_block(exchange->blocks[i], "of another thread");
    return NULL;
}

/* Blocks of this thread that others free, all at once; each other has had no block of its own. */
static void across_threads(unsigned long rounds)
{
    static struct exchange exchanges[THREADS];
    uint64_t random = 1;
    while (rounds--) {
        for (int t = 0; t < THREADS; t++) {
            for (int i = 0; i < BATCH; i++) {
                size_t n = 1 + next_random(&random) % ((size_t)1 << next_random(&random) % 18);
                exchanges[t].blocks[i] = make_block(n, (int)(next_random(&random) % SORTS));
            }
        }
        for (int t = 0; t < THREADS; t++)
            require(!pthread_create(&exchanges[t].thread, NULL, release_all, &exchanges[t]),
                    "no thread");
        for (int t = 0; t < THREADS; t++)
            pthread_join(exchanges[t].thread, NULL);
    }
}

/* ---- A system that takes no page back ---- */

static void while_refused(size_t n, int count)
{
    static void *blocks[BATCH * BATCH];
    for (int i = 0; i < count; i++)
        blocks[i] = filled(ALLOCATE(n), n);
    refused = 0;
    refuses = true;
    for (int i = 0; i < count; i++)
        release_block(blocks[i], "refused");
    refuses = false;
    require(refused, "blocks of %zu bytes: no page was given back", n);
}

int main(int argc, char **argv)
{
    every_size();
    batches();
    across_threads(iterations(argc, argv, 20));
    give_pages_back_at_once();
    while_refused(100, BATCH * BATCH);
    while_refused(3000, BATCH * 10);
    while_refused(20000, BATCH * 5);
    while_refused((size_t)1 << 20, 10);
    while_refused(largest, 10);
    return 0;
}
