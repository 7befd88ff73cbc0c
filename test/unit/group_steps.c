/* The count of groups, with another thread's call between any two of its steps: all that can come
 * of two calls, without waiting for chance. */
#include "common.h"
#include "group.h"

#include <stdatomic.h>

/* Before each step of counter/group.c that writes. The call that comes between is not stepped. */
static int steps_before_other;
static void (*other)(void);

static void before_step(void)
{
    if (steps_before_other-- == 0)
        other();
}

static void (*after_subtraction)(void);

static void subtract(atomic_size_t *object, size_t n)
{
    atomic_fetch_sub(object, n);
    if (after_subtraction)
        after_subtraction();
}

#undef zm_compare_exchange
#define zm_compare_exchange(object, expected, value)                                               \
    (before_step(), atomic_compare_exchange_strong(object, expected, value))
#undef atomic_fetch_add_explicit
#define atomic_fetch_add_explicit(object, n, order) (before_step(), atomic_fetch_add(object, n))
#undef atomic_fetch_sub_explicit
#define atomic_fetch_sub_explicit(object, n, order) (before_step(), subtract(object, n))
#include "counter/group.c"

enum { ALL = 1000, MOST_STEPS = 20 };
static zgroup parent, child, sibling;
static bool has_other_come, has_other_got;

static void begin(int steps, void (*call)(void))
{
    memset(&parent, 0, sizeof parent);
    memset(&child, 0, sizeof child);
    child.parent = &parent;
    sibling = child;
    zm_store(&parent.limit, ALL);
    zm_store(&child.limit, ALL + 1);
    zm_store(&sibling.limit, ZM_NO_LIMIT);
    steps_before_other = steps;
    other = call;
    has_other_come = has_other_got = false;
}

static void require_limits(void)
{
    REQUIRE(zm_load(&parent.used) <= ALL && zm_load(&child.used) <= ALL + 1,
            "more than a limit is used");
}

static bool charge(zgroup *group, size_t n)
{
    if (!zm_group_grant(group, n))
        return false;
    zm_group_use(group, n);
    require_limits();
    return true;
}

static void require_end(size_t of_child, size_t of_sibling)
{
    cr_assert_eq(zm_load(&child.used), of_child);
    cr_assert_eq(zm_load(&sibling.used), of_sibling);
    cr_assert_eq(zm_load(&parent.used), of_child + of_sibling);
    cr_assert_eq(zm_load(&child.room), 0);
    cr_assert_eq(zm_load(&sibling.room), 0);
    cr_assert_eq(zm_load(&parent.room), 0);
}

static void charge_all_to_the_sibling(void)
{
    has_other_come = true;
    has_other_got = charge(&sibling, ALL);
}

Test(group_steps, of_two_that_want_all_one_gets_it)
{
    int steps = 0;
    do {
        begin(steps, charge_all_to_the_sibling);
        bool has_got = charge(&child, ALL);
        REQUIRE(has_got != has_other_got, "%s got it", has_got ? "both" : "nobody");
        require_end(has_got ? ALL : 0, has_other_got ? ALL : 0);
    } while (has_other_come && ++steps < MOST_STEPS);
    cr_assert(steps > 4 && steps < MOST_STEPS);
}

Test(group_steps, what_is_freed_is_there_when_it_was_taken_out_on_each_level)
{
    for (int steps = 0; steps < 2; steps++) {
        begin(-1, NULL);
        charge(&child, ALL);
        steps_before_other = steps;
        other = charge_all_to_the_sibling;
        zm_group_subtract(&child, ALL);
        cr_assert(has_other_come && !has_other_got);
        charge_all_to_the_sibling();
        cr_assert(has_other_got);
        require_end(0, ALL);
    }
}

static void destroy_child_if_empty(void)
{
    if (zm_load(&child.used) == 0)
        memset(&child, 0xff, sizeof child);
}

Test(group_steps, a_group_that_is_empty_is_not_touched)
{
    begin(-1, NULL);
    charge(&child, ALL);
    after_subtraction = destroy_child_if_empty;
    zm_group_subtract(&child, ALL);
    after_subtraction = NULL;
    cr_assert_eq(zm_load(&parent.used), 0);
}

static void charge_two_bytes(void)
{
    has_other_come = true;
    has_other_got = charge(&child, 2);
}

/* The child has room for it, and the parent never has. */
Test(group_steps, what_is_refused_for_good_takes_nothing_from_others)
{
    for (int steps = 0; steps < MOST_STEPS; steps++) {
        begin(steps, charge_two_bytes);
        cr_assert(!zm_group_grant(&child, ALL + 1));
        cr_assert_eq(has_other_come, has_other_got);
        require_end(has_other_got ? 2 : 0, 0);
    }
}

static void limit_the_child(void)
{
    has_other_come = true;
    zm_store(&child.limit, 10);
}

Test(group_steps, who_has_room_uses_it_though_the_limit_is_lowered)
{
    int steps = 0;
    do {
        begin(steps, limit_the_child);
        bool has_room = zm_group_grant(&child, ALL);
        if (has_room)
            zm_group_use(&child, ALL);
        require_end(has_room ? ALL : 0, 0);
    } while (has_other_come && ++steps < MOST_STEPS);
}
