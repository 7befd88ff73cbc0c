/* A host such as Redis: it exports a zmalloc and a zfree of its own, which are not the library's,
 * and loads modules that use the library. Rules: each module has its own library, on its own
 * backend; the host's calls stay the host's; a thread that used a module may end after the module
 * was closed.
 *
 * Arguments: the modules, each followed by the allocator and backend that it is to have. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t calls_of_host;

/* Blocks that no other free can take. */
void *zmalloc(size_t n)
{
    calls_of_host++;
    char *block = malloc(n + 64);
    return block ? block + 64 : NULL;
}

void zfree(void *block)
{
    calls_of_host++;
    if (block)
        free((char *)block - 64);
}

static pthread_barrier_t has_used, may_end;

static void *use_module(void *use)
{
    int (*function)(const char *allocator);
    memcpy(&function, use, sizeof function);
    int failed = function(NULL);
    pthread_barrier_wait(&has_used);
    pthread_barrier_wait(&may_end);
    return failed ? use : NULL;
}

static void must(int holds, const char *what, const char *module)
{
    if (holds)
        return;
    fprintf(stderr, "%s: %s\n", module, what);
    exit(1);
}

static void load(const char *module, const char *allocator)
{
    pthread_t thread;
    void *failed;
    int (*use)(const char *allocator);
    void *handle = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    must(handle != NULL, handle ? "" : dlerror(), module);
    void *address = dlsym(handle, "module_use");
    must(address != NULL, "it has no module_use", module);
    memcpy(&use, &address, sizeof use);
    must(use(allocator) == 0, "its memory is not its own library's", module);
    pthread_barrier_init(&has_used, NULL, 2);
    pthread_barrier_init(&may_end, NULL, 2);
    must(pthread_create(&thread, NULL, use_module, &use) == 0, "no thread", module);
    pthread_barrier_wait(&has_used);
    dlclose(handle);
    pthread_barrier_wait(&may_end);
    pthread_join(thread, &failed);
    must(failed == NULL, "on a thread, its memory is not its own library's", module);
}

int main(int argc, char **argv)
{
    zfree(zmalloc(100));
    for (int i = 1; i + 1 < argc; i += 2)
        load(argv[i], argv[i + 1]);
    zfree(zmalloc(100));
    must(calls_of_host == 4, "calls went to the host that were not its own", argv[0]);
    return 0;
}
