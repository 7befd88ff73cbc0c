/* The count of groups under the lock of the mutex counter, with another thread's call as soon as
 * the lock is free. */
#include "common.h"
#include "counter/mutex.h"
#include "group.h"

static zgroup parent, child;
static bool is_locked;
static void (*other)(void);

void zm_lock(void)
{
    cr_assert(!is_locked);
    is_locked = true;
}

void zm_unlock(void)
{
    void (*now)(void) = other;
    is_locked = false;
    other = NULL;
    if (now)
        now();
}

#include "counter/group_mutex.c"

static void begin(size_t limit)
{
    memset(&parent, 0, sizeof parent);
    memset(&child, 0, sizeof child);
    child.parent = &parent;
    zm_store(&parent.limit, limit);
    zm_store(&child.limit, ZM_NO_LIMIT);
    other = NULL;
}

static void release_900(void)
{
    zm_group_subtract(&child, 900);
}

Test(group_mutex_steps, what_another_frees_at_once_was_in_the_peak)
{
    begin(ZM_NO_LIMIT);
    zm_group_add(&child, 900);
    other = release_900;
    zm_group_add(&child, 1000);
    cr_assert_eq(zm_load(&child.used), 1000);
    cr_assert_eq(zm_load(&child.peak.highest), 1900);
    cr_assert_eq(zm_load(&parent.peak.highest), 1900);
}

Test(group_mutex_steps, room_is_taken_on_all_levels_or_none)
{
    begin(1000);
    cr_assert(!zm_group_grant(&child, 1001));
    cr_assert_eq(zm_load(&child.room), 0);
    cr_assert(zm_group_grant(&child, 1000));
    cr_assert(!zm_group_grant(&child, 1));
    zm_group_use(&child, 600);
    zm_group_give_back(&child, 400);
    cr_assert_eq(zm_load(&parent.used), 600);
    cr_assert_eq(zm_load(&parent.room), 0);
    cr_assert_eq(zm_load(&child.room), 0);
    cr_assert_eq(zm_load(&child.peak.highest), 600);
}
