/* Visits beside one another, and beside who creates groups. Rules: a visit waits for no other that
 * does not end, who creates waits for no endless row of visits, and zgroup_each keeps errno. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/time.h>
#include <unistd.h>

#include "total.h"

static atomic_bool is_visited, is_locked, is_over;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *create(void *unused)
{
    require(zgroup_destroy(zgroup_new("short", NULL, 0)) == 0, "an empty group is busy");
    return unused;
}

/* ---- A visit that waits for who visits next, while another thread waits to create ---- */

static int wait_for_lock(zgroup *group, void *unused)
{
    (void)group;
    (void)unused;
    atomic_store(&is_visited, true);
    while (!atomic_load(&is_locked))
        usleep(100);
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return 1;
}

static void *visit_and_wait(void *unused)
{
    zgroup_each(wait_for_lock, NULL);
    return unused;
}

static int stop(zgroup *group, void *unused)
{
    (void)group;
    (void)unused;
    return 1;
}

static void interrupt(int signal)
{
    (void)signal;
}

static void interrupt_every(suseconds_t microseconds)
{
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = interrupt, .sa_flags = SA_RESTART}, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, microseconds}, {0, microseconds}}, NULL);
}

static void visit_beside_a_visit(void)
{
    pthread_t visitor, creator;
    require(pthread_create(&visitor, NULL, visit_and_wait, NULL) == 0, "no thread");
    while (!atomic_load(&is_visited))
        usleep(100);
    pthread_mutex_lock(&lock);
    atomic_store(&is_locked, true);
    require(pthread_create(&creator, NULL, create, NULL) == 0, "no thread");
    usleep(50000); /* for the creator to wait */
    interrupt_every(10);
    errno = 0;
    zgroup_each(stop, NULL);
    require(errno == 0, "errno is %d after a visit", errno);
    interrupt_every(0);
    pthread_mutex_unlock(&lock);
    pthread_join(visitor, NULL);
    pthread_join(creator, NULL);
}

/* ---- One who creates, beside visits that overlap ---- */

enum { VISITORS = 6, ROUNDS = 5 };
static atomic_ulong visits;

static int take_some_time(zgroup *group, void *microseconds)
{
    (void)group;
    atomic_fetch_add(&visits, 1);
    usleep(*(unsigned *)microseconds);
    return 1;
}

static void *visit_all_the_time(void *microseconds)
{
    while (!atomic_load(&is_over))
        zgroup_each(take_some_time, microseconds);
    return NULL;
}

/* No visit begins until it has created, but for what a busy machine makes of it. */
static void create_beside_visits(void)
{
    pthread_t visitors[VISITORS];
    unsigned times[VISITORS]; /* differ, or all visits would end at once */
    unsigned long waited_for = 0;
    for (int i = 0; i < VISITORS; i++) {
        times[i] = 20000 + 7000 * (unsigned)i;
        require(pthread_create(&visitors[i], NULL, visit_all_the_time, &times[i]) == 0,
                "no thread");
    }
    while (atomic_load(&visits) < VISITORS)
        usleep(100);
    for (int i = 0; i < ROUNDS; i++) {
        usleep(60000); /* for visits to begin */
        unsigned long before = atomic_load(&visits);
        zgroup *group = zgroup_new("short", NULL, 0);
        waited_for += atomic_load(&visits) - before;
        require(zgroup_destroy(group) == 0, "an empty group is busy");
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < VISITORS; i++)
        pthread_join(visitors[i], NULL);
    require(waited_for <= VISITORS, "creating %d times waited for %lu visits", ROUNDS, waited_for);
}

/* Ends the program, where something stands still. */
static void *watch(void *unused)
{
    sleep(120);
    require(false, "a visit, or who creates, stood still");
    return unused;
}

int main(void)
{
    pthread_t watcher;
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    zgroup *group = zgroup_new("visited", NULL, 0);
    pthread_sigmask(SIG_BLOCK, &alarms, NULL);
    require(pthread_create(&watcher, NULL, watch, NULL) == 0, "no thread");
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    visit_beside_a_visit();
    create_beside_visits();
    require(zgroup_destroy(group) == 0, "the group is busy");
    return 0;
}
