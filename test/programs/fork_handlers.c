/* A program's own fork handlers may allocate, free and ask for the total, whichever way the library
 * counts and holds on to its count while a fork goes on; and start threads in the child, which
 * count at once: nothing that they give back is missed, nor any room.
 *
 * Arguments: how many forks, and "no-new-threads" where the child cannot start any. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "total.h"

#ifndef TEST_IS_EARLY
#define TEST_IS_EARLY 0
#endif

static void require_good_end(pid_t child)
{
    int status;
    require(child != -1, "fork failed");
    require(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d", status);
}

/* ---- Handlers that allocate ---- */

static int handled;
static bool starts_thread; /* which counts beside the handlers that come after */

static void use_library(void)
{
    size_t before = zmalloc_used_memory();
    void *block = zmalloc(100);
    require(starts_thread || zmalloc_used_memory() == before + zmalloc_size(block),
            "miscounted in a fork handler");
    zfree(block);
    handled++;
}

static void allocate_in_handlers(void)
{
    void *block = zmalloc(100);
    handled = 0;
    pid_t child = fork();
    if (child == 0) {
        require(handled == 2, "%d handlers ran in the child", handled);
        zfree(block);
        require(zmalloc_used_memory() == 0, "the child's total is off");
        _exit(0);
    }
    require_good_end(child);
    require(handled == 2, "%d handlers ran in the parent", handled);
    zfree(block);
    require(zmalloc_used_memory() == 0, "the total is off");
}

/* With the archive before the library's constructor, which has the same priority: then the
 * program's handlers run while the library holds on to its count. */
__attribute__((constructor(101))) static void register_early(void)
{
    if (TEST_IS_EARLY)
        pthread_atfork(use_library, use_library, use_library);
}

/* ---- A handler that starts a thread ---- */

/* Of so many groups what the child settles takes a while. The first is the parent of all. */
enum { GROUPS = 300, LIMIT = 1000 };
static zgroup *groups[GROUPS];

static pthread_t beside;
static atomic_bool has_begun, is_over;

static void *charge_all_the_time(void *unused)
{
    while (!atomic_load(&is_over)) {
        if (zgroup_charge(groups[0], 100) == 0)
            zgroup_discharge(groups[0], 100);
        atomic_store(&has_begun, true);
    }
    return unused;
}

static void start_thread(void)
{
    if (!starts_thread)
        return;
    require(pthread_create(&beside, NULL, charge_all_the_time, NULL) == 0, "no thread");
    while (!atomic_load(&has_begun))
        continue;
}

/* As objects of C++ do. The library's own handler comes before it all the same. */
__attribute__((constructor)) static void register_before_main(void)
{
    pthread_atfork(NULL, NULL, start_thread);
}

static void use_all_room_in_child(size_t before)
{
    atomic_store(&is_over, true);
    pthread_join(beside, NULL);
    require_total(before, "in the child of a fork, after its thread");
    zmalloc_set_hard_limit(before + LIMIT);
    require(zmalloc_charge(LIMIT) == 0, "the hard limit refuses what fits");
    require(zmalloc_charge(1) == -1, "the hard limit is passed");
    zmalloc_discharge(LIMIT);
    zmalloc_set_hard_limit(0);
    require(zgroup_charge(groups[0], LIMIT) == 0, "%zu of %d bytes are used, and the rest refused",
            zgroup_used(groups[0]), LIMIT);
    require(zgroup_charge(groups[0], 1) == -1, "the group's limit is passed");
    zgroup_discharge(groups[0], LIMIT);
    for (int i = GROUPS; i-- > 0;)
        require(zgroup_destroy(groups[i]) == 0, "group %d is busy", i);
    _exit(0);
}

static void start_threads_in_handlers(unsigned long forks)
{
    for (int i = 0; i < GROUPS; i++)
        groups[i] = zgroup_new("one of many", i ? groups[0] : NULL, i ? 0 : LIMIT);
    size_t before = zmalloc_used_memory();
    starts_thread = true;
    for (unsigned long i = 0; i < forks; i++) {
        pid_t child = fork();
        if (child == 0)
            use_all_room_in_child(before);
        require_good_end(child);
    }
    starts_thread = false;
    for (int i = GROUPS; i-- > 0;)
        zgroup_destroy(groups[i]);
    require_total(0, "at the end");
}

int main(int argc, char **argv)
{
    unsigned long forks = iterations(argc, argv, 500);
    alarm(120);
    if (!TEST_IS_EARLY)
        pthread_atfork(use_library, use_library, use_library);
    allocate_in_handlers();
    bool may_start = argc < 3 || strcmp(argv[2], "no-new-threads") != 0;
    if (may_start && !UNDER_THREAD_SANITIZER)
        start_threads_in_handlers(forks);
    return 0;
}
