/* A fork while another thread is in the middle of the library's first call. Rule: the child can go
 * on; pthread_once of musl, though not of glibc, would have it wait for a thread that it does not
 * have. The program brings a pthread_key_create of its own, which the library calls first. */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "total.h"

static sem_t is_in, may_go;
static bool stops;

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    static int (*real)(pthread_key_t *, void (*)(void *));
    if (stops) {
        stops = false;
        sem_post(&is_in);
        sem_wait(&may_go);
    }
    void *found = dlsym(RTLD_NEXT, "pthread_key_create");
    memcpy(&real, &found, sizeof real);
    return real(key, destructor);
}

static void *first_call(void *unused)
{
    zfree(zmalloc(100));
    return unused;
}

static void go_on_in_child(void)
{
    alarm(120); /* a child that waits for nobody is ended */
    size_t before = zmalloc_used_memory();
    void *block = zmalloc(100);
    require_total(before + zmalloc_size(block), "in the child");
    zfree(block);
    require_total(before, "in the child");
    require(strlen(zmalloc_lib()) > 0, "no name");
    _exit(0);
}

int main(void)
{
    pthread_t thread;
    sem_init(&is_in, 0, 0);
    sem_init(&may_go, 0, 0);
    stops = true;
    require(pthread_create(&thread, NULL, first_call, NULL) == 0, "no thread");
    /* Not reached where the library makes no key: it does not count by thread. */
    bool is_reached = strcmp(TEST_ACCOUNTING, "thread") == 0;
    if (is_reached)
        sem_wait(&is_in);
    pid_t child = fork();
    if (child == 0)
        go_on_in_child();
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "the child: wait status %#x",
            (unsigned)status);
    sem_post(&may_go);
    pthread_join(thread, NULL);
    require_total(0, "at the end");
    return 0;
}
