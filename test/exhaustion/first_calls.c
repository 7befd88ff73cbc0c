/* Threads come to the library when there is no memory for what a thread's first call wants: its
 * place in the count, and what the C library needs to note that the thread has one. Rule: each call
 * gives its documented answer, and the total stays exact, then and after memory has come back.
 *
 * Arguments: how many threads; how many thread-specific keys the program makes before; how many KiB
 * it frees right before, which the allocator may have kept. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#include "check.h"
#include "total.h"

enum { MOST_THREADS = 1000, STACK = 64 * 1024 };

struct caller {
    pthread_t thread;
    void *given; /* by main, for the thread to free */
    void *kept;  /* by the thread, for main to free */
};

static struct caller callers[MOST_THREADS];
static unsigned long threads;
static pthread_barrier_t may_call, may_end;

static void *call_first(void *argument)
{
    struct caller *self = argument;
    pthread_barrier_wait(&may_call);
    errno = 0;
    zfree(self->given);
    require(errno == 0, "zfree set errno to %d", errno);
    self->kept = ztrymalloc(100);
    require(self->kept || errno == ENOMEM, "no block, errno %d", errno);
    if (self->kept)
        memset(self->kept, 1, 100);
    /* All live together, so that none takes another one's place. */
    pthread_barrier_wait(&may_end);
    return NULL;
}

static void start_threads(void)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_barrier_init(&may_call, NULL, (unsigned)threads + 1);
    pthread_barrier_init(&may_end, NULL, (unsigned)threads + 1);
    for (unsigned long i = 0; i < threads; i++) {
        callers[i].given = zmalloc(1000);
        int error = pthread_create(&callers[i].thread, &attributes, call_first, &callers[i]);
        require(error == 0, "pthread_create: %s", strerror(error));
    }
}

static void limit_address_space(bool limited)
{
    struct rlimit limits;
    require(getrlimit(RLIMIT_AS, &limits) == 0, "getrlimit: %s", strerror(errno));
    limits.rlim_cur = limited ? 0 : limits.rlim_max;
    require(setrlimit(RLIMIT_AS, &limits) == 0, "setrlimit: %s", strerror(errno));
}

static void let_threads_call(bool limited, size_t before)
{
    size_t kept = 0;
    start_threads();
    limit_address_space(limited);
    pthread_barrier_wait(&may_call);
    pthread_barrier_wait(&may_end);
    for (unsigned long i = 0; i < threads; i++)
        pthread_join(callers[i].thread, NULL);
    limit_address_space(false);
    for (unsigned long i = 0; i < threads; i++) {
        require(callers[i].kept || limited, "no block where there is memory");
        kept += zmalloc_size(callers[i].kept);
    }
    require_total(before + kept,
                  limited ? "after first calls without memory" : "after first calls");
    for (unsigned long i = 0; i < threads; i++)
        zfree(callers[i].kept);
    require_total(before, limited ? "after threads without memory" : "after threads");
}

int main(int argc, char **argv)
{
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER || UNDER_THREAD_SANITIZER)
        skip("the sanitizers need memory without a limit.");
    threads = argument(argc, argv, 1, 200);
    unsigned long keys = argument(argc, argv, 2, 1);
    require(threads <= MOST_THREADS, "at most %d threads, please", MOST_THREADS);
    for (unsigned long i = 0; i < keys; i++) {
        pthread_key_t key;
        require(pthread_key_create(&key, NULL) == 0, "no key");
    }
    size_t before = zmalloc_used_memory();
    let_threads_call(true, before);
    let_threads_call(false, before);
    return 0;
}
