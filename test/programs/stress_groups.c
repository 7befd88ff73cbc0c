/* Groups on many threads. Rules: no figure is ever above a limit of its own or of a parent, nor a
 * peak, whatever is refused meanwhile; all is given back to the byte, also where limits come and
 * go; zgroup_each goes beside creation and destruction; the child of a fork has all the room that
 * is not used.
 *
 * Arguments: how many rounds, and "no-forks" where emulated threads do not bear them. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "total.h"

enum { THREADS = 6, BLOCKS = 512, GROUPS = 4, FORKS = 50 };

/* The limits of the lower ones are together more than their parent's. */
static const size_t limits[GROUPS] = {1 << 20, 600000, 600000, 0};
static zgroup *groups[GROUPS]; /* the first is the parent of all */
static zgroup *changing;       /* in none, with a limit now and then */
static atomic_bool is_over;
static atomic_size_t refused;
static unsigned long rounds;

static size_t most_of(int i)
{
    return limits[i] ? limits[i] : limits[0];
}

static void *watch(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over)) {
        for (int i = 0; i < GROUPS; i++) {
            size_t used = zgroup_used(groups[i]), peak = zgroup_peak(groups[i]);
            require(used <= most_of(i), "%s uses %zu of %zu", zgroup_name(groups[i]), used,
                    most_of(i));
            require(peak >= used && peak <= most_of(i), "a peak of %zu, and %zu was told", peak,
                    used);
        }
    }
    return NULL;
}

/* In places that all threads share. */
struct held {
    int group;
    void *block;
};
static struct held places[BLOCKS];
static pthread_mutex_t place_locks[BLOCKS];

static void *allocate_somehow(zgroup *group, uint64_t random)
{
    size_t n = random >> 20 & 0x7fff;
    switch (random >> 8 & 3) {
    case 0:
        return zgroup_calloc(group, 1, n);
    case 1:
        return zgroup_aligned_alloc(group, 256, n);
    default:
        return zgroup_malloc(group, n);
    }
}

/* Charges that the parent refuses more often than not. */
static void charge_for_a_moment(zgroup *group, size_t n)
{
    if (zgroup_charge(group, n) == 0)
        zgroup_discharge(group, n);
    else
        atomic_fetch_add(&refused, 1);
}

static void change(struct held *held, uint64_t random)
{
    zgroup *old_group = groups[held->group];
    if (held->block && (random >> 12 & 3) == 0) {
        void *moved = zgroup_realloc(old_group, held->block, 1 + (random >> 20 & 0xffff));
        held->block = moved ? moved : held->block;
        return;
    }
    zgroup_free(old_group, held->block);
    held->group = random >> 40 & (GROUPS - 1);
    held->block = allocate_somehow(groups[held->group], random);
    if (!held->block)
        atomic_fetch_add(&refused, 1);
}

static void *work(void *seed)
{
    uint64_t random = *(uint64_t *)seed;
    for (unsigned long i = 0; i < rounds; i++) {
        next_random(&random);
        size_t place = random >> 50 & (BLOCKS - 1);
        pthread_mutex_lock(&place_locks[place]);
        change(&places[place], random);
        pthread_mutex_unlock(&place_locks[place]);
        charge_for_a_moment(groups[1 + random % (GROUPS - 1)], 300000);
        charge_for_a_moment(changing, random >> 40 & 0xfff);
        zgroup_free(changing, zgroup_malloc(changing, random >> 30 & 0xfff));
    }
    return NULL;
}

static void *change_limit(void *unused)
{
    (void)unused;
    for (size_t i = 0; !atomic_load(&is_over); i++)
        zgroup_set_limit(changing, i % 2 * limits[0]);
    return NULL;
}

/* ---- A limit as a lock: only one thread at a time has all of it ---- */

enum { CONTENDERS = 3, ALL = 1000 };
static zgroup *contended, *contenders[CONTENDERS];
static atomic_int holders;
static atomic_bool has_been_held;

static void *contend(void *own)
{
    for (unsigned long i = 0; i < 20 * rounds; i++) {
        if (zgroup_charge(*(zgroup **)own, ALL) != 0)
            continue;
        atomic_store(&has_been_held, true);
        require(atomic_fetch_add(&holders, 1) == 0, "more than the limit is charged");
        atomic_fetch_sub(&holders, 1);
        zgroup_discharge(*(zgroup **)own, ALL);
    }
    return NULL;
}

static void *want_too_much(void *n)
{
    while (!atomic_load(&is_over))
        require(zgroup_charge(contenders[0], *(size_t *)n) != 0, "more than a limit was charged");
    return NULL;
}

/* What is refused for good, by another limit than the contender's own, takes nothing from it. */
static void charge_beside(size_t too_much)
{
    pthread_t thread;
    atomic_store(&is_over, false);
    require(pthread_create(&thread, NULL, want_too_much, &too_much) == 0, "no thread");
    for (unsigned long i = 0; i < 20 * rounds; i++) {
        require(zgroup_charge(contenders[0], 2) == 0, "refused by what was refused");
        zgroup_discharge(contenders[0], 2);
    }
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
}

static void charge_beside_what_the_hard_limit_refuses(void)
{
    enum { MIB = 1 << 20 };
    zgroup_set_limit(contenders[0], 4 * MIB + 1);
    zgroup_set_limit(contended, 4 * MIB + 1);
    zmalloc_set_hard_limit(zmalloc_used_memory() + MIB);
    charge_beside(4 * MIB);
    zmalloc_set_hard_limit(0);
    zgroup_set_limit(contenders[0], ALL + 1);
}

static void create_contenders(void)
{
    contended = zgroup_new("contended", NULL, ALL);
    for (int i = 0; i < CONTENDERS; i++)
        contenders[i] = zgroup_new("contender", contended, ALL + 1);
}

static void run_contenders(void)
{
    pthread_t threads[CONTENDERS];
    create_contenders();
    for (int i = 0; i < CONTENDERS; i++)
        require(pthread_create(&threads[i], NULL, contend, &contenders[i]) == 0, "no thread");
    for (int i = 0; i < CONTENDERS; i++)
        pthread_join(threads[i], NULL);
    require(atomic_load(&has_been_held), "nobody got what was there");
    charge_beside(ALL + 1);
    charge_beside_what_the_hard_limit_refuses();
    zgroup_set_limit(contended, 0);
    for (int i = 0; i < CONTENDERS; i++) {
        require(zgroup_charge(contenders[i], ALL + 1) == 0, "room was left behind");
        zgroup_discharge(contenders[i], ALL + 1);
        require(zgroup_destroy(contenders[i]) == 0, "a contender is busy");
    }
    require(zgroup_destroy(contended) == 0, "the contended group is busy");
}

/* ---- All at once ---- */

/* All the time: whoever looks finds one of them under way. */
static void *be_refused(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over))
        charge_for_a_moment(groups[3], limits[0] - 1000);
    return NULL;
}

static int look_at(zgroup *group, void *count)
{
    require(strlen(zgroup_name(group)) > 3, "a group without a name");
    *(int *)count += zgroup_used(group) != 1;
    return 0;
}

static void *create_and_destroy(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over)) {
        int count = 0;
        zgroup *passing = zgroup_new("a passing one", groups[3], 1000);
        require(passing && zgroup_each(look_at, &count) == 0, "no group");
        require(count >= GROUPS + 1, "%d groups were visited", count);
        require(zgroup_destroy(groups[0]) == -1 && errno == EBUSY, "a parent was destroyed");
        require(zgroup_destroy(passing) == 0, "the group is busy");
    }
    return NULL;
}

/* A thread that was in the middle of a call left nothing granted. */
static void live_on_in_child(void)
{
    size_t room = limits[0] - zgroup_used(groups[0]);
    zgroup *group = zgroup_new("of the child", groups[0], 0);
    require(room == 0 || zgroup_charge(group, room) == 0, "not all of %zu can be charged", room);
    require(zgroup_charge(group, 1) == -1, "more than the limit can be charged");
    zgroup_discharge(group, room);
    require(zgroup_destroy(group) == 0, "the group is busy");
    _exit(0);
}

static void fork_meanwhile(void)
{
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        require(child >= 0, "no fork: %s", strerror(errno));
        if (child == 0)
            live_on_in_child();
        int status;
        require(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d",
                status);
    }
}

static void run(bool forks)
{
    static void *(*const beside[])(void *) = {watch, be_refused, change_limit, create_and_destroy,
                                              create_and_destroy};
    enum { BESIDE = sizeof beside / sizeof *beside };
    pthread_t workers[THREADS], others[BESIDE];
    uint64_t seeds[THREADS];
    atomic_store(&is_over, false);
    for (int i = 0; i < BESIDE; i++)
        require(pthread_create(&others[i], NULL, beside[i], NULL) == 0, "no thread");
    for (int i = 0; i < THREADS; i++) {
        seeds[i] = (uint64_t)i + 1;
        require(pthread_create(&workers[i], NULL, work, &seeds[i]) == 0, "no thread");
    }
    if (forks)
        fork_meanwhile();
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i], NULL);
    atomic_store(&is_over, true);
    for (int i = 0; i < BESIDE; i++)
        pthread_join(others[i], NULL);
}

int main(int argc, char **argv)
{
    rounds = iterations(argc, argv, 20000);
    size_t before = zmalloc_used_memory();
    static const char *const names[GROUPS] = {"parent", "one limited", "another", "not limited"};
    for (int i = 0; i < GROUPS; i++)
        groups[i] = zgroup_new(names[i], i ? groups[0] : NULL, limits[i]);
    changing = zgroup_new("of changing limit", NULL, 0);
    for (int i = 0; i < BLOCKS; i++)
        pthread_mutex_init(&place_locks[i], NULL);
    run(argc <= 2);
    require(atomic_load(&refused) > 0, "nothing was refused");
    for (int i = 0; i < BLOCKS; i++)
        zgroup_free(groups[places[i].group], places[i].block);
    zgroup_set_limit(changing, limits[0]);
    require(zgroup_charge(changing, limits[0]) == 0, "room was left behind");
    zgroup_discharge(changing, limits[0]);
    require(zgroup_destroy(changing) == 0, "the changing group is busy");
    for (int i = GROUPS; i-- > 0;) {
        require(zgroup_used(groups[i]) == 0, "%zu bytes are left in %s", zgroup_used(groups[i]),
                zgroup_name(groups[i]));
        require(zgroup_destroy(groups[i]) == 0, "%s is busy", zgroup_name(groups[i]));
    }
    run_contenders();
    require_total(before, "all groups destroyed");
    return 0;
}
