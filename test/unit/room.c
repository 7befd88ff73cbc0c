/* The thread counter from inside: room that a call takes before it asks the allocator. */
#include "room.h"

#include "common.h"
#include "counter.h"
#include "counter/shared.h"
#include "fast_path.h"
#include "limit.h"

static const size_t mib = (size_t)1 << 20;

/* In slow_path.c and fast_path.c. */
_Thread_local bool zm_allocator_knows_thread ZM_TLS_MODEL;

void zm_update_fast_limit(void)
{
}

static void charge(size_t size)
{
    if (zm_add(size) == ZM_LOOK)
        zm_look();
}

static void charge_often(void)
{
    for (int i = 0; i < 100; i++)
        charge(80);
}

Test(room, room_taken_far_below_the_limit_opens_the_fast_path)
{
    zmalloc_set_hard_limit(64 * mib);
    charge(62 * mib);
    cr_assert_eq(zm_limit_fast_path(), 0);
    zm_subtract(50 * mib);
    struct zm_room room = {0};
    cr_assert(zm_take_room(&room, 20 * mib));
    if (zm_use_room(&room, 20 * mib) == ZM_LOOK)
        zm_look();
    cr_assert_neq(zm_limit_fast_path(), 0);
}

/* Else each thread would add up all slots at each look while another has room. */
Test(room, room_is_in_the_bound_that_the_next_look_goes_by)
{
    struct zm_margins margins;
    zmalloc_set_hard_limit(64 * mib);
    charge(100);
    struct zm_room room = {0};
    cr_assert(zm_take_room(&room, 20 * mib));
    zm_get_margins(zm_sum(), &margins);
    cr_assert_geq(margins.upper, 20 * mib);
    zm_give_up_room(&room);
    charge(100);
    zm_get_margins(zm_sum(), &margins);
    cr_assert_leq(margins.upper, mib);
}

Test(room, surplus_and_allowances_together_are_a_64th)
{
    struct zm_room rooms[3] = {0};
    zmalloc_set_hard_limit(64 * mib);
    cr_assert(zm_draw_surplus(&rooms[0], mib - 100));
    cr_assert(!zm_draw_surplus(&rooms[1], 200));
    cr_assert(zm_draw_surplus(&rooms[2], 100));
    charge_often();
    cr_assert_eq(zm_own.left, 0);
    zm_give_up_room(&rooms[0]);
    charge_often();
    cr_assert_gt(zm_own.left, 0);
}

static zgroup group = {.limit = (size_t)30 << 20};

static void require_group(size_t used)
{
    cr_assert_eq(zm_load(&group.used), used);
    cr_assert_eq(zm_load(&group.room), 0);
    cr_assert_eq(zm_sum(), used);
}

Test(room, what_is_more_than_the_room_is_taken_or_refused)
{
    zmalloc_set_hard_limit(20 * mib);
    struct zm_room room = {.group = &group};
    cr_assert(zm_take_room(&room, 10 * mib));
    cr_assert_neq(zm_use_room(&room, 12 * mib), ZM_REFUSED);
    require_group(12 * mib);
    cr_assert(zm_take_room(&room, 4 * mib));
    cr_assert_eq(zm_use_room(&room, 9 * mib), ZM_REFUSED);
    require_group(12 * mib);
    cr_assert(zm_take_room(&room, 8 * mib));
    zm_give_up_room(&room);
    require_group(12 * mib);
    zmalloc_set_hard_limit(0);
    cr_assert(zm_take_room(&room, 18 * mib));
    cr_assert_eq(zm_use_room(&room, 19 * mib), ZM_REFUSED);
    require_group(12 * mib);
    cr_assert(zm_take_room(&room, 18 * mib));
    cr_assert_neq(zm_use_room(&room, mib), ZM_REFUSED);
    require_group(13 * mib);
}

/* It added up all slots, and the next look was put off. */
Test(room, a_call_that_a_group_refuses_leaves_its_look_to_the_next)
{
    struct zm_room room = {.group = &group};
    charge(100);
    cr_assert(zm_take_room(&room, 20 * mib));
    cr_assert(room.must_look);
    zm_look();
    cr_assert_neq(zm_load(&zm_look_at), 0);
    cr_assert_eq(zm_use_room(&room, 40 * mib), ZM_REFUSED);
    cr_assert_eq(zm_load(&zm_look_at), 0);
}
