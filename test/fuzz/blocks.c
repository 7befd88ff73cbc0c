/* Every call that gives, resizes or takes blocks, in any order, on threads that run at a time,
 * against a model that knows every block. The input is a row of orders, four bytes each:
 *
 *     CALL    which call; or that calls are to fail, or that the phase is over
 *     PLACE   low half: the slot it is about; high half: how many items, which alignment, how to
 * free SIZE    two bytes: see size_of()
 *
 * In a phase each slot is one thread's, so that whatever the threads' speed the same calls
 * meet the same blocks. Between two phases the threads rest, all is checked, and every slot
 * goes to another thread, which will free or resize what the one before allocated. */
#include <stdlib.h>

#include "blocks/model.h"
#include "blocks/team.h"
#include "zmalloc.h"

enum { SLOTS = 16 };

struct order {
    unsigned call, slot, variety;
    size_t n;
};

struct phase {
    struct input orders;
    struct slot *slots;
    unsigned number;
    unsigned members; /* a bit for each that has an order */
};

/* Calls of an order: the tables, one behind the other, then these. */
enum { BAD_ALIGNMENT, FOREIGN_BLOCK, TOTAL, PHASE_IS_OVER, FAILING, OTHER_CALLS };

/* Half of all are small. The last ones cannot be had: the library must say so without asking the
 * allocator, or the allocator must. */
static size_t size_of(unsigned bits)
{
    if (bits < 0x8000)
        return bits % 1024;
    if (bits < 0xf000)
        return bits % 16384;
    if (bits < 0xff00)
        return bits % 4096 * 128;
    if (bits < 0xff60)
        return SIZE_MAX - bits % 32;
    if (bits < 0xffc0 || !MAY_ASK_TOO_MUCH)
        return (size_t)PTRDIFF_MAX + 1 + bits % 64;
    return PTRDIFF_MAX - bits % 64;
}

static struct order take_order(struct input *input)
{
    size_t calls = alloc_call_count + resize_call_count + release_call_count + OTHER_CALLS;
    unsigned call = take_byte(input) % (unsigned)calls;
    unsigned place = take_byte(input);
    unsigned low = take_byte(input);
    unsigned high = take_byte(input);
    return (struct order){call, place % SLOTS, place / SLOTS, size_of(low + high * 256)};
}

/* A number below the count of a table, which is taken off `call`; or not, and it is for a later
 * one. */
static bool is_in(unsigned *call, size_t count)
{
    if (*call < count)
        return true;
    *call -= (unsigned)count;
    return false;
}

/* Memory of the C library's, which is not counted. */
static void release_foreign_block(size_t n)
{
    zlibc_free(malloc(n % 1024));
}

/* One in four ends the rule. Without ZM_TEST_FAULTS this is no order: from a process's first rule
 * on the library's calls take another call, and both ways are to be fuzzed. */
static void set_rule(unsigned variety, size_t n)
{
    static const int rules[] = {ZMALLOC_FAIL_NTH, ZMALLOC_FAIL_EVERY, ZMALLOC_FAIL_ABOVE};
    end_rule();
    if (variety % 4 < 3)
        fail_by_rule(rules[variety % 4], variety % 4 == 2 ? n : 1 + n % 8);
}

static void obey_other(unsigned call, struct order order)
{
    static const size_t bad[] = {0, 3, 6, 24, 48, 96, SIZE_MAX, (size_t)PTRDIFF_MAX};
    switch (call) {
    case BAD_ALIGNMENT:
        ask_for_bad_alignment(bad[order.variety % 8], order.n);
        break;
    case FOREIGN_BLOCK:
        release_foreign_block(order.n);
        break;
    case TOTAL:
        must(zmalloc_used_memory() < (size_t)PTRDIFF_MAX, "the total is below zero");
        break;
    case FAILING:
        if (ZM_TEST_FAULTS)
            set_rule(order.variety, order.n);
        break;
    }
}

static void obey(struct slot *slot, struct order order)
{
    unsigned call = order.call;
    const struct release_call *some_call = &release_calls[order.variety % release_call_count];
    if (is_in(&call, alloc_call_count)) {
        give_block(slot, some_call);
        get_block(slot, &alloc_calls[call], order.n, order.variety);
    } else if (is_in(&call, resize_call_count)) {
        resize_block(slot, &resize_calls[call], order.n);
    } else if (is_in(&call, release_call_count)) {
        give_block(slot, &release_calls[call]);
    } else {
        obey_other(call, order);
    }
}

static unsigned owner_of(unsigned slot, const struct phase *phase)
{
    return (slot + phase->number) % TEAM_SIZE;
}

static void do_own_orders(unsigned member, void *argument)
{
    const struct phase *phase = argument;
    struct input orders = phase->orders;
    while (orders.at < orders.end) {
        struct order order = take_order(&orders);
        if (owner_of(order.slot, phase) == member)
            obey(&phase->slots[order.slot], order);
    }
    if (ZM_TEST_FAULTS)
        end_rule();
}

static bool ends_phase(struct order order)
{
    unsigned call = order.call;
    return !is_in(&call, alloc_call_count) && !is_in(&call, resize_call_count)
           && !is_in(&call, release_call_count) && call == PHASE_IS_OVER;
}

/* Cuts the next phase off the input, and says how it ended. */
static struct order take_phase(struct input *input, struct phase *phase)
{
    struct order order = {0};
    phase->orders = (struct input){input->at, input->at};
    phase->members = 0;
    while (input->at < input->end) {
        order = take_order(input);
        if (ends_phase(order))
            break;
        phase->orders.end = input->at;
        phase->members |= 1u << owner_of(order.slot, phase);
    }
    return order;
}

/* Started once: beginning anew with each input would be most of the work. */
static struct team *the_team(void)
{
    static struct team team;
    static bool is_started;
    if (!is_started) {
        is_started = true;
        listen_for_failures();
        start_team(&team);
    }
    return &team;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    struct slot slots[SLOTS] = {{0}};
    struct phase phase = {.slots = slots};
    struct team *team = the_team();
    for (; input.at < input.end; phase.number++) {
        struct order last = take_phase(&input, &phase);
        run_phase(team, phase.members, do_own_orders, &phase);
        check_all(slots, SLOTS);
        if (ends_phase(last) && last.slot % TEAM_SIZE != 0)
            renew_member(team, last.slot % TEAM_SIZE);
    }
    for (unsigned i = 0; i < SLOTS; i++)
        give_block(&slots[i], &release_calls[0]);
    check_all(slots, SLOTS);
    return 0;
}
