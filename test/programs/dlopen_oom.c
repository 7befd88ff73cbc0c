/* Memory runs out on a new thread in a library that was brought in by dlopen. Rule: the default
 * handler needs no memory, not even for thread-local variables, which such a library may get only
 * when a thread first touches them.
 *
 * Argument: the library's file. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "late_library.h"

enum { MORE_THAN_THERE_IS = 512 << 20 };

static struct late_library library;

/* Every byte of the C library's malloc, on this thread. */
static void take_all_memory(void)
{
    size_t taken = 0;
    for (size_t n = 1 << 20; n > 0; n /= 2)
        for (void *volatile block = malloc(n); block; block = malloc(n)) {
            taken += n;
            if (taken > MORE_THAN_THERE_IS)
                _exit(CHILD_LEFT_OUT);
        }
}

static void *run_out(void *unused)
{
    (void)unused;
    library.zfree(library.zmalloc(1));
    if (!limit_memory())
        _exit(CHILD_LEFT_OUT);
    take_all_memory();
    library.zfree(library.zmalloc(MORE_THAN_THERE_IS));
    _exit(CHILD_LEFT_OUT);
}

static void run_out_on_new_thread(void *unused)
{
    pthread_t thread;
    require(pthread_create(&thread, NULL, run_out, unused) == 0, "no thread");
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    char text[4096], expected[128];
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER || UNDER_THREAD_SANITIZER)
        skip("the sanitizers need memory without a limit.");
    library = open_late(argc, argv, RTLD_LOCAL);
    int status = run_child(run_out_on_new_thread, NULL, true, text, sizeof text);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_LEFT_OUT)
        skip("the system does not limit memory.");
    snprintf(expected, sizeof expected, "zmalloc: Out of memory trying to allocate %d bytes\n",
             MORE_THAN_THERE_IS);
    require(strcmp(text, expected) == 0, "said \"%s\", not \"%s\"", text, expected);
    require(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "did not abort: wait status %#x",
            (unsigned)status);
    return 0;
}
