/* Thousands of short threads, each of which leaves a block for the main thread to free. Rules: the
 * total is exact, and reading it costs by the most threads that lived at once, not by how many
 * there ever were.
 *
 * Arguments: how many threads, seed. */
#include <pthread.h>

#include "../meeting.h"
#include "parcels.h"

enum { AT_ONCE = 50 };

struct short_thread {
    pthread_t thread;
    uint64_t random;
    struct parcel *left;
};

static struct meeting all_alive;

static void *leave_a_block(void *argument)
{
    struct short_thread *self = argument;
    for (unsigned i = next_random(&self->random) % 8; i > 0; i--)
        free_parcel(make_parcel(&self->random), &self->random);
    self->left = make_parcel(&self->random);
    return NULL;
}

static void *live_with_all(void *argument)
{
    leave_a_block(argument);
    meet(&all_alive);
    return NULL;
}

static void start(struct short_thread *self, void *(*run)(void *), uint64_t seed)
{
    *self = (struct short_thread){.random = seed};
    require(pthread_create(&self->thread, NULL, run, self) == 0, "no thread");
}

static void end(struct short_thread *self)
{
    pthread_join(self->thread, NULL);
    check_parcel(self->left);
    free_parcel(self->left, &self->random);
}

/* From here on as many have lived at once as ever will. */
static void reach_the_most(struct short_thread *threads, uint64_t *random)
{
    call_meeting(&all_alive, AT_ONCE);
    for (unsigned i = 0; i < AT_ONCE; i++)
        start(&threads[i], live_with_all, 1 + next_random(random));
    for (unsigned i = 0; i < AT_ONCE; i++)
        end(&threads[i]);
}

static void come_and_go(struct short_thread *threads, unsigned long count, uint64_t *random)
{
    for (unsigned long i = 0; i < count + AT_ONCE; i++) {
        struct short_thread *self = &threads[i % AT_ONCE];
        if (i >= AT_ONCE)
            end(self);
        if (i < count)
            start(self, leave_a_block, 1 + next_random(random));
    }
}

int main(int argc, char **argv)
{
    unsigned long count = argument(argc, argv, 1, 5000);
    uint64_t seed = argument(argc, argv, 2, 20);
    static struct short_thread threads[AT_ONCE];
    size_t before = zmalloc_used_memory();
    require(count >= AT_ONCE, "at least %d threads, please", AT_ONCE);

    reach_the_most(threads, &seed);
    require_total(before, "after the first threads");
    double cost_before = reading_cost();
    come_and_go(threads, count, &seed);
    require_total(before, "after the last thread");
    require_cheap_reading(cost_before, "after the last thread");
    return 0;
}
