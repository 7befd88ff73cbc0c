/* The thread accounting from inside: what a fork leaves the child. */
#include <sys/wait.h>
#include <unistd.h>

#include "counter/shared.h"
#include "crowd.h"

Test(forks, a_fork_frees_the_slots_of_threads_that_do_not_live_in_the_child)
{
    size_t size = 80;
    zm_charge(size);
    gather_crowd(&size);
    pid_t child = fork();
    if (child == 0)
        _exit(taken_slots() == 1 && zm_own.slot->owner == getpid()
                      && zm_total() == (CROWD + 1) * size
                  ? 0
                  : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    cr_assert_eq(taken_slots(), CROWD + 1);
    dismiss_crowd();
    cr_assert_eq(zm_total(), size);
}

/* A thread that takes a slot and keeps it to the end of the process. */
struct owner {
    struct barrier has_slot, never;
    struct zm_slot *slot;
};

static void *take_and_keep(void *owner)
{
    struct owner *own = owner;
    zm_charge(80);
    own->slot = zm_own.slot;
    barrier_wait(&own->has_slot);
    barrier_wait(&own->never);
    return NULL;
}

static void start_owner(struct owner *owner)
{
    pthread_t thread;
    barrier_init(&owner->has_slot, 2);
    barrier_init(&owner->never, 2);
    cr_assert_eq(pthread_create(&thread, NULL, take_and_keep, owner), 0);
    barrier_wait(&owner->has_slot);
}

static struct owner early, late;

static bool starts_early;

static void start_in_child(void)
{
    if (starts_early)
        start_owner(&early);
}

/* Before the library's own: of two with one priority the first in the program. */
__attribute__((constructor(101))) static void register_early(void)
{
    pthread_atfork(NULL, NULL, start_in_child);
}

Test(forks, a_thread_that_a_fork_handler_started_keeps_its_slot, .disabled = ZM_TEST_EMULATED)
{
    starts_early = true;
    zm_charge(80);
    pid_t child = fork();
    if (child == 0) {
        bool is_taken = early.slot->owner == getpid();
        start_owner(&late);
        _exit(is_taken && late.slot != early.slot && taken_slots() == 3 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
}

Test(forks, a_fork_gives_the_child_all_the_room)
{
    size_t size = 80;
    zmalloc_set_hard_limit((size_t)1 << 20);
    for (int i = 0; i < 10; i++)
        zm_charge(size);
    gather_crowd(&size);
    pid_t child = fork();
    if (child == 0)
        _exit(zmalloc_charge(((size_t)1 << 20) - zm_total()) == 0 && zmalloc_charge(1) == -1 ? 0
                                                                                             : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    dismiss_crowd();
}

/* The kernel may copy the slots as they were before others counted, and the shared words as they
 * were after: as if more had been freed than the slots say. */
Test(forks, a_limit_holds_in_the_child_whatever_was_copied_first)
{
    const size_t mib = (size_t)1 << 20;
    zm_charge(8 * mib);
    zm_shared.freed_seen += 4 * mib;
    zm_shared.granted += 4 * mib;
    pid_t child = fork();
    if (child == 0) {
        size_t before = zm_total();
        zmalloc_set_hard_limit(before + mib);
        _exit(zmalloc_charge(mib) == 0 && zmalloc_charge(1) == -1 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
}
