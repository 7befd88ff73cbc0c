/* Threads that use the library are cancelled. Rules: no call is a cancellation point, so that one
 * made by a thread that is to be cancelled answers, and the thread ends at the next point of its
 * own; a call leaves the thread's cancelling as it was; no descriptor stays open, nothing is taken
 * from the total.
 *
 * Arguments: how many threads are cancelled while they ask. */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>

#include "../barrier.h"
#include "check.h"
#include "every_call.h"
#include "total.h"
#include "zmalloc.h"

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

struct asker {
    const struct call *call;
    bool came_back;
    struct barrier start;
};

/* Cancelled already: the first cancellation point ends it. */
static void *ask_when_cancelled(void *of)
{
    struct asker *asker = of;
    pthread_cancel(pthread_self());
    asker->call->make();
    asker->came_back = true;
    pthread_testcancel();
    return NULL;
}

/* Apart: were its variable on the stack of a thread that is cancelled, the address sanitizer would
 * not learn that it is gone. */
__attribute__((noinline)) static void require_cancelling_off(const struct call *call)
{
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    require(state == PTHREAD_CANCEL_DISABLE, "%s let the thread be cancelled", call->name);
}

static void *ask_with_cancelling_off(void *of)
{
    struct asker *asker = of;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_cancel(pthread_self());
    asker->call->make();
    asker->came_back = true;
    require_cancelling_off(asker->call);
    pthread_testcancel();
    return NULL;
}

static void *ask_until_cancelled(void *of)
{
    struct asker *asker = of;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    barrier_wait(&asker->start);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    for (;;) {
        asker->came_back = false;
        asker->call->make();
        asker->came_back = true;
        pthread_testcancel();
    }
    return NULL;
}

static pthread_t start(void *(*run)(void *), struct asker *asker)
{
    pthread_t thread;
    require(pthread_create(&thread, NULL, run, asker) == 0, "no thread");
    return thread;
}

static void require_cancelled(pthread_t thread, const struct asker *asker)
{
    void *result;
    pthread_join(thread, &result);
    require(asker->came_back, "%s is a cancellation point", asker->call->name);
    require(result == PTHREAD_CANCELED, "a thread was not cancelled after %s", asker->call->name);
}

static void cancel_before(const struct call *call, void *(*run)(void *))
{
    struct asker asker = {.call = call};
    require_cancelled(start(run, &asker), &asker);
}

static void cancel_while_it_asks(const struct call *call)
{
    struct asker asker = {.call = call};
    barrier_init(&asker.start, 2);
    pthread_t thread = start(ask_until_cancelled, &asker);
    barrier_wait(&asker.start);
    pthread_cancel(thread);
    require_cancelled(thread, &asker);
}

/* Where a call that leaks would be seen to, if not every time. */
static void cancel_many(size_t count)
{
    for (size_t i = 0; i < count; i++)
        cancel_while_it_asks(&every_call[i % every_call_count]);
}

static void require_descriptors(int expected)
{
    int now = open_descriptors();
    require(now == expected, "%d descriptors are open, not %d", now, expected);
}

int main(int argc, char **argv)
{
    size_t count = iterations(argc, argv, 400);
    int descriptors = open_descriptors();
    size_t total = zmalloc_used_memory();
    for (size_t i = 0; i < every_call_count; i++) {
        cancel_before(&every_call[i], ask_when_cancelled);
        cancel_before(&every_call[i], ask_with_cancelling_off);
    }
    cancel_many(count);
    require_descriptors(descriptors);
    require_total(total, "after the cancelled threads");
    require(zmalloc_get_rss() > 0, "no RSS any more");
    return 0;
}
