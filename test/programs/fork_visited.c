/* Forks while another thread visits the groups and allocates as it does. Rule: no fork stands
 * still, whichever of the library's calls was the first: here it is zgroup_each, before anything
 * was counted.
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

static atomic_bool is_over;

static int allocate(zgroup *group, void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++)
        zgroup_free(group, zgroup_malloc(group, 100));
    return 0;
}

static int count(zgroup *group, void *groups)
{
    *(int *)groups += group != NULL;
    return 0;
}

static void *visit_all_the_time(void *unused)
{
    while (!atomic_load(&is_over))
        zgroup_each(allocate, NULL);
    return unused;
}

static void fork_once(void)
{
    pid_t child = fork();
    require(child >= 0, "no fork: %s", strerror(errno));
    if (child == 0) {
        int groups = 0;
        zgroup_each(count, &groups);
        _exit(groups == 1 ? 0 : 1);
    }
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d", status);
}

int main(int argc, char **argv)
{
    int groups = 0;
    zgroup_each(count, &groups);
    require(groups == 0, "%d groups at the start", groups);
    unsigned long forks = iterations(argc, argv, 500);
    alarm(120); /* a fork that stands still is ended */
    zgroup *group = zgroup_new("visited", NULL, 0);
    pthread_t visitor;
    require(pthread_create(&visitor, NULL, visit_all_the_time, NULL) == 0, "no thread");
    for (unsigned long i = 0; i < forks; i++)
        fork_once();
    atomic_store(&is_over, true);
    pthread_join(visitor, NULL);
    require(zgroup_destroy(group) == 0, "the group is busy");
    require_total(0, "at the end");
    return 0;
}
