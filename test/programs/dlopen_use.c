/* The library brought in by dlopen, used by threads, and closed under them. Rules: it works as one
 * that was linked; threads that used it may go on, and end, after dlclose; opened again it knows
 * its total.
 *
 * Argument: the library's file. */
#include <dlfcn.h>
#include <pthread.h>

#include "../barrier.h"
#include "check.h"
#include "late_library.h"

enum { THREADS = 8, CALLS = 2000 };

static struct late_library library;
static struct barrier used, closed;

static void allocate(void)
{
    for (size_t n = 0; n < CALLS; n++)
        library.zfree(library.zrealloc(library.zmalloc(n), 2 * n + 1));
}

static void *use_before_and_after(void *unused)
{
    (void)unused;
    allocate();
    void *block = library.zmalloc(100);
    barrier_wait(&used);
    barrier_wait(&closed);
    allocate();
    return block;
}

/* Used, and not touched again: only the thread's end meets the library. */
static void *use_before(void *unused)
{
    (void)unused;
    allocate();
    barrier_wait(&used);
    barrier_wait(&closed);
    return NULL;
}

static void close_under_threads(pthread_t *threads)
{
    barrier_init(&used, THREADS + 1);
    barrier_init(&closed, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
        void *(*run)(void *) = i % 2 ? use_before : use_before_and_after;
        require(pthread_create(&threads[i], NULL, run, NULL) == 0, "no thread");
    }
    barrier_wait(&used);
    require(dlclose(library.handle) == 0, "dlclose: %s", dlerror());
    barrier_wait(&closed);
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    void *blocks[THREADS];
    if (UNDER_MEMORY_SANITIZER)
        skip("the memory sanitizer does not see the loader zero a late library's thread-local "
             "variables.");
    library = open_late(argc, argv, RTLD_LOCAL);
    size_t before = library.zmalloc_used_memory();
    void *block = library.zmalloc(1000);
    require(library.zmalloc_used_memory() == before + library.zmalloc_size(block),
            "a block is not counted");
    library.zfree(block);

    close_under_threads(threads);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], &blocks[i]);
    library = open_late(argc, argv, RTLD_LOCAL);
    for (int i = 0; i < THREADS; i++)
        library.zfree(blocks[i]);
    size_t after = library.zmalloc_used_memory();
    require(after == before, "the total is %zu, not %zu, after dlclose", after, before);
    printf("%s, opened late\n", library.zmalloc_lib());
    return 0;
}
