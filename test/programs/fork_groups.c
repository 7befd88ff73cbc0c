/* Forks of a program that keeps a lock of its own whole over them, as POSIX shows, and uses groups
 * under it. Rule: no fork stands still, nor does its child, and whatever threads do at the moment:
 * use groups for the first time, create, destroy, visit.
 *
 * Argument: how many forks. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "total.h"

static void fork_once(void)
{
    pid_t child = fork();
    require(child >= 0, "no fork: %s", strerror(errno));
    if (child == 0) {
        alarm(60); /* it has none of its parent */
        zgroup *group = zgroup_new("of the child", NULL, 0);
        _exit(group && zgroup_destroy(group) == 0 ? 0 : 1);
    }
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d", status);
}

/* ---- The first use of groups, by another thread, in the middle of a fork ---- */

static atomic_bool is_forking, is_visited, has_forked;

static int stay_until_forked(zgroup *group, void *unused)
{
    (void)group;
    (void)unused;
    atomic_store(&is_visited, true);
    while (!atomic_load(&has_forked))
        usleep(100);
    return 0;
}

static void *use_in_fork(void *unused)
{
    while (!atomic_load(&is_forking))
        usleep(100);
    zgroup *group = zgroup_new("first", NULL, 0);
    zgroup_each(stay_until_forked, NULL);
    zgroup_destroy(group);
    return unused;
}

static void wait_for_visit(void)
{
    atomic_store(&is_forking, true);
    while (!atomic_load(&is_visited))
        usleep(100);
}

static void first_use_in_fork(void)
{
    pthread_t user;
    require(pthread_create(&user, NULL, use_in_fork, NULL) == 0, "no thread");
    fork_once();
    atomic_store(&has_forked, true);
    pthread_join(user, NULL);
}

/* ---- The program's lock ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool is_over;

static void take(void)
{
    pthread_mutex_lock(&lock);
}

static void give(void)
{
    pthread_mutex_unlock(&lock);
}

static void *create_and_destroy(void *unused)
{
    while (!atomic_load(&is_over)) {
        take();
        zgroup *group = zgroup_new("short", NULL, 0);
        require(zgroup_destroy(group) == 0, "an empty group is busy");
        give();
    }
    return unused;
}

static int look_under_lock(zgroup *group, void *unused)
{
    (void)unused;
    take();
    bool is_odd = zgroup_used(group) != 0;
    give();
    return is_odd;
}

static void *visit(void *unused)
{
    while (!atomic_load(&is_over))
        require(zgroup_each(look_under_lock, NULL) == 0, "an empty group has bytes");
    return unused;
}

static void fork_under_lock(void *(*meanwhile)(void *), unsigned long forks)
{
    pthread_t thread;
    atomic_store(&is_over, false);
    require(pthread_create(&thread, NULL, meanwhile, NULL) == 0, "no thread");
    for (unsigned long i = 0; i < forks; i++)
        fork_once();
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
}

/* ---- Handlers from before the library's ----
 *
 * With the archive: they run while the library holds on to the list. musl runs nothing before
 * constructors. */

#ifndef TEST_IS_EARLY
#define TEST_IS_EARLY 0
#endif

#if TEST_IS_EARLY && defined(__GLIBC__)

static void use_groups(void)
{
    zgroup *group = zgroup_new("in a handler", NULL, 0);
    require(group || errno == EDEADLK, "no group in a fork handler: %s", strerror(errno));
    while (group && zgroup_destroy(group) != 0)
        require(errno == EDEADLK, "an empty group is busy");
}

static void use_groups_in_child(void)
{
    alarm(60);
    zgroup *group = zgroup_new("in a handler", NULL, 0);
    require(group && zgroup_destroy(group) == 0, "no group in the child: %s", strerror(errno));
}

/* Before any constructor. */
static void register_early(void)
{
    pthread_atfork(use_groups, use_groups, use_groups_in_child);
}

__attribute__((section(".preinit_array"),
               used)) static void (*const before_constructors)(void) = register_early;

#endif

int main(int argc, char **argv)
{
    unsigned long forks = iterations(argc, argv, 500);
    if (UNDER_ADDRESS_SANITIZER || UNDER_MEMORY_SANITIZER)
        skip("the sanitizer's own allocator stands still in the child of a fork.");
    alarm(120); /* a fork that stands still is ended */
    pthread_atfork(wait_for_visit, NULL, NULL);
    first_use_in_fork();
    pthread_atfork(take, give, give);
    fork_under_lock(create_and_destroy, forks);
    zgroup *group = zgroup_new("visited", NULL, 0);
    fork_under_lock(visit, forks);
    require(zgroup_destroy(group) == 0, "the group is busy");
    require_total(0, "at the end");
    return 0;
}
