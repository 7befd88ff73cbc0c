#include "limit.h"

#include <unistd.h>

#include "compiler.h"
#include "counter.h"
#include "once.h"
#include "zmalloc.h"

ZM_ATOMIC(size_t) zm_hard_limit = ZM_NO_LIMIT;
ZM_ATOMIC(size_t) zm_look_at;
ZM_ATOMIC(size_t) zm_soft_at;

struct zm_peak zm_peak;

/* Within 1/16 of the hard limit, until 1/8 is free again. */
static ZM_ATOMIC(int) is_near_limit;

/* Changes with everything that the next look depends on. */
static ZM_ATOMIC(size_t) look_version;

/* ---- The soft limit ----
 *
 * Settings lie in two places by turns: the present one is never written to, so that it is whole for
 * every reader, and in the child of a fork too. One word says which it is and whether it is armed,
 * and is another each time that either changes: who acts on what a sum found exchanges the word
 * that was read before the sum. */

typedef void soft_limit_function(size_t used, void *context);

struct soft_limit {
    ZM_ATOMIC(size_t) bytes; /* 0: none */
    ZM_ATOMIC(soft_limit_function *) passed;
    ZM_ATOMIC(void *) context;
};
static struct soft_limit settings[2];

enum { ARMED = 1, PLACE = 2, STEP = 4 };
static ZM_ATOMIC(size_t) soft_state;

static struct soft_limit *place_of(size_t seen)
{
    return &settings[(seen & PLACE) / PLACE];
}

static bool change_state(size_t seen, size_t place, bool is_armed)
{
    size_t next = (seen & ~(size_t)(STEP - 1)) + STEP + place + (is_armed ? ARMED : 0);
    bool is_mine = zm_compare_exchange(&soft_state, &seen, next);
    if (is_mine)
        zm_increment(&look_version);
    return is_mine;
}

/* The process whose thread writes a setting, else 0. One that a fork has left behind is no
 * hindrance. */
static ZM_ATOMIC(size_t) writer;

struct soft_view {
    size_t state, bytes;
    bool is_armed;
    soft_limit_function *passed;
    void *context;
};

static struct soft_view present_soft_limit(void)
{
    if (ZM_LIKELY(zm_load(&soft_state) == 0))
        return (struct soft_view){0};
    for (;;) {
        struct soft_view view = {.state = zm_load_acquire(&soft_state)};
        struct soft_limit *present = place_of(view.state);
        view.bytes = zm_load_acquire(&present->bytes);
        view.passed = zm_load_acquire(&present->passed);
        view.context = zm_load_acquire(&present->context);
        view.is_armed = view.state & ARMED;
        if (zm_load(&soft_state) == view.state)
            return view;
    }
}

/* These fail where another thread did it, or set another limit. */

static bool disarm(const struct soft_view *soft)
{
    return change_state(soft->state, soft->state & PLACE, false);
}

/* What the thread was allowed while it was disarmed could go past it. */
static void arm(const struct soft_view *soft)
{
    if (change_state(soft->state, soft->state & PLACE, true))
        zm_limits_changed();
}

/* Only what a look changes may come in between. */
static void write_setting(size_t bytes, soft_limit_function *passed, void *context)
{
    size_t other = ~zm_load(&soft_state) & PLACE;
    struct soft_limit *place = place_of(other);
    zm_store_release(&place->bytes, bytes);
    zm_store_release(&place->passed, passed);
    zm_store_release(&place->context, context);
    while (!change_state(zm_load(&soft_state), other, bytes != 0)) {
    }
}

/* ---- When to look next ---- */

static size_t saturating_sum(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t largest_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void set_nearness(size_t upper)
{
    size_t hard = zm_load(&zm_hard_limit);
    int was_near = zm_load(&is_near_limit);
    int is_near = hard != ZM_NO_LIMIT && upper > hard - hard / (was_near ? 8 : 16);
    if (is_near != was_near) {
        zm_store(&is_near_limit, is_near);
        zm_update_fast_limit();
    }
}

/* The look must come as soon as the peak, the soft limit or the nearness of the hard limit may need
 * it, but not while the upper bound has not grown by a margin: then it would come at each call. */
static size_t next_look(size_t total, const struct soft_view *soft)
{
    struct zm_margins margins;
    zm_get_margins(total, &margins);
    size_t hard = zm_load(&zm_hard_limit);
    if (hard != ZM_NO_LIMIT || zm_load(&is_near_limit))
        set_nearness(margins.upper);
    size_t next =
        saturating_sum(largest_of(zm_load(&zm_peak.highest), margins.upper), margins.peak);
    if (soft->is_armed)
        next = least_of(next, saturating_sum(largest_of(soft->bytes, margins.upper), margins.soft));
    else if (soft->bytes != 0)
        next = least_of(next, margins.disarmed);
    if (hard != ZM_NO_LIMIT)
        next = least_of(next, zm_load(&is_near_limit) ? margins.disarmed : hard - hard / 16);
    return next;
}

/* Whoever changes something writes 0 after this did, or is seen here. */
static void set_next_look(size_t total)
{
    size_t before = zm_load_acquire(&look_version);
    struct soft_view soft = present_soft_limit();
    zm_exchange(&zm_soft_at, soft.is_armed ? soft.bytes : SIZE_MAX);
    zm_exchange(&zm_look_at, next_look(total, &soft));
    if (zm_load_acquire(&look_version) != before) {
        zm_exchange(&zm_soft_at, 0);
        zm_exchange(&zm_look_at, 0);
    }
}

void zm_look_soon(void)
{
    zm_increment(&look_version);
    zm_exchange(&zm_soft_at, 0);
    zm_exchange(&zm_look_at, 0);
}

size_t zm_total(void)
{
    size_t resets, total;
    do {
        resets = zm_count_resets(&zm_peak);
        total = zm_sum();
    } while (!zm_raise(&zm_peak, resets, total));
    return total;
}

ZM_COLD void zm_look(void)
{
    struct soft_view soft = present_soft_limit();
    size_t total = zm_total();
    bool passes = soft.is_armed && total > soft.bytes && disarm(&soft);
    if (!soft.is_armed && soft.bytes != 0 && total <= soft.bytes)
        arm(&soft);
    set_next_look(total);
    if (passes && soft.passed)
        soft.passed(total, soft.context);
}

size_t zm_limit_fast_path(void)
{
    size_t hard = zm_load(&zm_hard_limit);
    if (hard == ZM_NO_LIMIT)
        return SIZE_MAX;
    return hard < 65536 || zm_load(&is_near_limit) ? 0 : hard / 32;
}

/* ---- The 64th of the hard limit that may lie unused ---- */

static ZM_ATOMIC(size_t) drawn;

size_t zm_draw(size_t before, size_t wanted)
{
    size_t all = zm_load(&drawn), now;
    do {
        size_t others = all - before, most = zm_load(&zm_hard_limit) / 64;
        now = others < most ? least_of(wanted, most - others) : 0;
    } while (now != before && !zm_compare_exchange(&drawn, &all, all - before + now));
    return now;
}

void zm_set_drawn(size_t all)
{
    zm_exchange(&drawn, all);
}

/* ---- The public calls ---- */

void zmalloc_set_hard_limit(size_t bytes)
{
    struct zm_margins margins;
    zm_store(&zm_hard_limit, bytes ? bytes : ZM_NO_LIMIT);
    zm_limits_changed();
    zm_get_margins(zm_sum(), &margins);
    set_nearness(margins.upper);
    zm_update_fast_limit();
    zm_look_soon();
}

size_t zmalloc_get_hard_limit(void)
{
    size_t limit = zm_load(&zm_hard_limit);
    return limit == ZM_NO_LIMIT ? 0 : limit;
}

void zmalloc_set_soft_limit(size_t bytes, void (*passed)(size_t used, void *context), void *context)
{
    const size_t self = (size_t)getpid();
    while (zm_exchange(&writer, self) == self)
        zm_back_off();
    write_setting(bytes, passed, context);
    zm_exchange(&writer, 0);
    zm_limits_changed();
    zm_look_soon();
}

size_t zmalloc_get_soft_limit(void)
{
    return present_soft_limit().bytes;
}

size_t zmalloc_get_peak_memory(void)
{
    size_t total = zm_total(), highest = zm_load_acquire(&zm_peak.highest);
    return highest > total ? highest : total; /* reset in between */
}

/* Other threads allocate meanwhile: the last sum finds what was raised before the exchange, and the
 * next additions look. */
void zmalloc_reset_peak_memory(void)
{
    zm_limits_changed();
    zm_reset_peak(&zm_peak, zm_sum());
    zm_look_soon();
    zm_total();
}
