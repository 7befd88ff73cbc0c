/* A program's own fork handlers may allocate, free and ask for the total, whichever way the library
 * counts and holds on to its count while a fork goes on. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "zmalloc.h"

static int handled;

static void use_library(void)
{
    size_t before = zmalloc_used_memory();
    void *block = zmalloc(100);
    require(zmalloc_used_memory() == before + zmalloc_size(block), "miscounted in a fork handler");
    zfree(block);
    handled++;
}

int main(void)
{
    alarm(120);
    /* Before the library's own handlers: its prepare runs before this one, its others after. */
    pthread_atfork(use_library, use_library, use_library);
    void *block = zmalloc(100);
    pid_t child = fork();
    require(child != -1, "fork failed");
    if (child == 0) {
        require(handled == 2, "%d handlers ran in the child", handled);
        zfree(block);
        require(zmalloc_used_memory() == 0, "the child's total is off");
        return 0;
    }
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d", status);
    require(handled == 2, "%d handlers ran in the parent", handled);
    zfree(block);
    require(zmalloc_used_memory() == 0, "the total is off");
    return 0;
}
