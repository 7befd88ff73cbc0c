/* The counters that know the total at every moment, from inside: room under the hard limit. */
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "counter.h"
#include "limit.h"

static const size_t mib = (size_t)1 << 20;

/* In fast_path.c. */
void zm_update_fast_limit(void)
{
}

Test(exact, room_shows_neither_in_the_total_nor_in_the_peak)
{
    zmalloc_set_hard_limit(8 * mib);
    cr_assert_eq(zm_reserve(6 * mib), ZM_ADDED);
    cr_assert_eq(zm_reserve(3 * mib), ZM_REFUSED);
    cr_assert_eq(zmalloc_charge(3 * mib), -1);
    cr_assert_eq(zmalloc_charge(mib), 0);
    cr_assert_eq(zm_total(), mib);
    cr_assert_eq(zmalloc_get_peak_memory(), mib);
    cr_assert_neq(zm_add_reserved(6 * mib, 5 * mib), ZM_REFUSED);
    cr_assert_eq(zm_total(), 6 * mib);
    cr_assert_eq(zmalloc_charge(2 * mib), 0);
    cr_assert_eq(zmalloc_charge(1), -1);
}

/* As another thread might have it that the child does not have. */
Test(exact, room_is_not_the_childs_of_a_fork, .disabled = ZM_TEST_EMULATED)
{
    cr_assert_eq(zmalloc_charge(mib), 0);
    zmalloc_set_hard_limit(8 * mib);
    cr_assert_eq(zm_reserve(6 * mib), ZM_ADDED);
    pid_t child = fork();
    if (child == 0)
        _exit(zm_total() == mib && zmalloc_charge(7 * mib) == 0 && zmalloc_charge(1) == -1 ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
    cr_assert_eq(zmalloc_charge(2 * mib), -1);
}
