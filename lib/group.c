/* The groups there are, and their figures. Their blocks are in group_blocks.c. */
#include "group.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "cancel.h"
#include "compiler.h"
#include "config.h"
#include "forks.h"
#include "once.h"

/* ---- The list of all ---- */

/* Nothing is allocated under it, and no code of the program runs: a fork takes it while it may hold
 * the allocator's locks, and the program's. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zm_once once = ZM_ONCE_INIT;
static zgroup *first;

/* While any thread visits the list does not change. A visit begins under the lock, and ends
 * without. A thread that waits to change the list goes before the next visit, which waits for that
 * for some tenths of a second at most: a visit that runs may itself wait for who comes next. */
static ZM_ATOMIC(size_t) visits;
static size_t waiting; /* under the lock */
enum { MOST_BACK_OFFS = 2000 };

/* `is_forking` is set on the thread that holds the lock while it runs fork handlers that were
 * registered before. One object: where the first access allocates, it comes before the lock. */
static _Thread_local struct {
    size_t visits;
    bool is_forking;
} own ZM_TLS_MODEL;
static pid_t forking; /* the process, under the lock */

static void before_fork(void)
{
    if (own.is_forking)
        return;
    pthread_mutex_lock(&lock);
    own.is_forking = true;
    forking = getpid();
}

static void after_fork(void)
{
    if (!own.is_forking)
        return;
    own.is_forking = false;
    pthread_mutex_unlock(&lock);
}

static void after_fork_in_child(void)
{
    if (!own.is_forking)
        return;
    zm_store(&visits, own.visits);
    waiting = 0;
    after_fork();
}

/* See forks.h. A thread of the parent that was between two levels leaves what it had added, as it
 * leaves its block. The list is still locked, or it would not be whole. */
static void settle_in_child(void)
{
    if (!own.is_forking)
        return;
    for (zgroup *group = first; group; group = group->after)
        zm_store(&group->room, 0);
}

/* After those of the counter, so that a fork takes this lock first, as zgroup_destroy does. They
 * may be registered twice, if a fork comes in the middle of this. */
static void set_up(void)
{
    zm_watch_forks_for(settle_in_child);
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* At load: a fork takes this lock when the program's own handlers have taken theirs, under which it
 * may use groups, and no first use can come in the middle of a fork. */
ZM_CONSTRUCTOR_EARLY static void watch_forks_early(void)
{
    zm_watch_forks_early();
    zm_once(&once, set_up);
}

static void lock_list(void)
{
    if (own.is_forking)
        return;
    zm_once(&once, set_up);
    pthread_mutex_lock(&lock);
}

static void unlock_list(void)
{
    if (!own.is_forking)
        pthread_mutex_unlock(&lock);
}

/* False where the thread would wait for ever: for a visit of its own, or while it holds the lock
 * for a fork. In the child other threads' visits are none any more. */
static bool may_change_list(void)
{
    if (own.visits != 0
        || (own.is_forking && zm_load_acquire(&visits) != 0 && forking == getpid())) {
        errno = EDEADLK;
        return false;
    }
    return true;
}

static void lock_list_unvisited(void)
{
    lock_list();
    waiting++;
    while (!own.is_forking && zm_load_acquire(&visits) != 0) {
        unlock_list();
        zm_back_off();
        lock_list();
    }
    waiting--;
}

static zgroup *begin_visit(void)
{
    lock_list();
    for (int i = 0; i < MOST_BACK_OFFS && waiting != 0 && own.visits == 0 && !own.is_forking; i++) {
        unlock_list();
        zm_back_off();
        lock_list();
    }
    zm_increment(&visits);
    own.visits++;
    zgroup *begin = first;
    unlock_list();
    return begin;
}

static void end_visit(void)
{
    size_t now = zm_load(&visits);
    own.visits--;
    while (!zm_compare_exchange(&visits, &now, now - 1))
        continue;
}

static void enlist(zgroup *group)
{
    group->after = first;
    if (first)
        first->before = group;
    first = group;
    if (group->parent)
        group->parent->children++;
}

static void delist(zgroup *group)
{
    *(group->before ? &group->before->after : &first) = group->after;
    if (group->after)
        group->after->before = group->before;
    if (group->parent)
        group->parent->children--;
}

/* ---- Creating, destroying, visiting ---- */

zgroup *zgroup_new(const char *name, zgroup *parent, size_t limit)
{
    if (!name) {
        errno = EINVAL;
        return NULL;
    }
    if (!may_change_list())
        return NULL;
    size_t length = strlen(name) + 1;
    zgroup *group = ztrycalloc(sizeof *group + length);
    if (!group)
        return NULL;
    memcpy(group->name, name, length);
    group->parent = parent;
    zgroup_set_limit(group, limit);
    lock_list_unvisited();
    enlist(group);
    unlock_list();
    return group;
}

int zgroup_destroy(zgroup *group)
{
    if (!group)
        return 0;
    if (!may_change_list())
        return -1;
    lock_list_unvisited();
    bool is_busy = group->children != 0 || !zm_group_is_empty(group);
    if (!is_busy)
        delist(group);
    unlock_list();
    if (is_busy) {
        errno = EBUSY;
        return -1;
    }
    zfree(group);
    return 0;
}

int zgroup_each(int (*visit)(zgroup *group, void *context), void *context)
{
    int result = 0, cancel_before = zm_cancel_off();
    for (zgroup *group = begin_visit(); group && result == 0; group = group->after)
        result = visit(group, context);
    end_visit();
    zm_cancel_restore(cancel_before);
    return result;
}

/* ---- Figures ---- */

size_t zgroup_used(const zgroup *group)
{
    return group ? zm_group_used((zgroup *)(uintptr_t)group) : 0;
}

size_t zgroup_peak(const zgroup *group)
{
    size_t used = zgroup_used(group);
    size_t highest = group ? zm_load_acquire(&group->peak.highest) : 0;
    return highest > used ? highest : used; /* reset in between */
}

void zgroup_reset_peak(zgroup *group)
{
    if (group)
        zm_group_reset_peak(group);
}

size_t zgroup_get_limit(const zgroup *group)
{
    size_t limit = group ? zm_load(&group->limit) : ZM_NO_LIMIT;
    return limit == ZM_NO_LIMIT ? 0 : limit;
}

void zgroup_set_limit(zgroup *group, size_t bytes)
{
    if (group)
        zm_store(&group->limit, bytes ? bytes : ZM_NO_LIMIT);
}

const char *zgroup_name(const zgroup *group)
{
    return group ? group->name : NULL;
}

zgroup *zgroup_parent(const zgroup *group)
{
    return group ? group->parent : NULL;
}
