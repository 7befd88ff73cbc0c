/* Groups that are destroyed while another thread frees their last blocks. Rule: who frees does not
 * touch a group any more once it is found to hold nothing, nor its parent; zgroup_destroy may be
 * tried until then.
 *
 * Argument: how many groups. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "total.h"

static atomic_bool is_over;
static _Atomic(zgroup *) last_group; /* stored before the block */
static _Atomic(void *) last_block;   /* &is_over: no block, CHARGED bytes */

enum { CHARGED = 100, LIMIT = 1000 };

static void *take_and_free(void *unused)
{
    while (!atomic_load(&is_over)) {
        void *block = atomic_exchange(&last_block, NULL);
        zgroup *group = atomic_load(&last_group);
        if (block == &is_over)
            zgroup_discharge(group, CHARGED);
        else if (block)
            zgroup_free(group, block);
        else
            sched_yield();
    }
    return unused;
}

static void destroy(zgroup *group)
{
    while (zgroup_destroy(group) != 0)
        require(errno == EBUSY, "a group is not destroyed: errno %d", errno);
}

int main(int argc, char **argv)
{
    unsigned long groups = iterations(argc, argv, 5000);
    size_t before = zmalloc_used_memory();
    pthread_t thread;
    require(pthread_create(&thread, NULL, take_and_free, NULL) == 0, "no thread");
    for (unsigned long i = 0; i < groups; i++) {
        zgroup *parent = zgroup_new("a parent", NULL, i & 1 ? LIMIT : 0);
        zgroup *group = zgroup_new("it", parent, i & 2 ? LIMIT : 0);
        bool is_block = i & 4;
        void *block = is_block ? zgroup_malloc(group, CHARGED) : &is_over;
        require(is_block || zgroup_charge(group, CHARGED) == 0, "not charged");
        atomic_store(&last_group, group);
        atomic_store(&last_block, block);
        destroy(group);
        destroy(parent);
    }
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    require_total(before, "all groups destroyed");
    return 0;
}
