/* Every call, on a thread with the smallest stack that the C library allows, or 16 KiB where that
 * is less, of which the thread uses 2 KiB itself. Each in a process of its own, that has not used
 * the library before. Rule: the call fits. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "every_call.h"

static void *make_call(void *call)
{
    volatile char used[2048];
    used[0] = used[sizeof used - 1] = 1;
    ((const struct call *)call)->make();
    return NULL;
}

static void run_on_least_stack(void *call)
{
    pthread_t thread;
    pthread_attr_t attributes;
    long least = sysconf(_SC_THREAD_STACK_MIN);
    size_t size = least > 16384 ? (size_t)least : 16384;
    pthread_attr_init(&attributes);
    int error = pthread_attr_setstacksize(&attributes, size);
    require(error == 0, "no stack of %zu bytes: %s", size, strerror(error));
    error = pthread_create(&thread, &attributes, make_call, call);
    require(error == 0, "pthread_create: %s", strerror(error));
    pthread_join(thread, NULL);
}

int main(void)
{
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER || UNDER_THREAD_SANITIZER)
        skip("the sanitizers need a larger stack.");
    for (size_t i = 0; i < every_call_count; i++) {
        char text[4096];
        struct call call = every_call[i];
        int status = run_child(run_on_least_stack, &call, true, text, sizeof text);
        require(status == 0, "%s: wait status %#x, said \"%s\"", call.name, (unsigned)status, text);
    }
    return 0;
}
