/* Thousands of short threads, each of which leaves a block for the main thread to free. Rule: the
 * total is exact.
 *
 * Arguments: how many threads, seed. */
#include <pthread.h>

#include "checked_block.h"

enum { AT_ONCE = 50 };

struct short_thread {
    pthread_t thread;
    uint64_t random;
    struct checked_block *left;
};

static void *leave_a_block(void *argument)
{
    struct short_thread *self = argument;
    for (unsigned i = next_random(&self->random) % 8; i > 0; i--)
        release_checked(make_checked(&self->random), &self->random);
    self->left = make_checked(&self->random);
    return NULL;
}

static void start(struct short_thread *self, uint64_t seed)
{
    *self = (struct short_thread){.random = seed};
    require(pthread_create(&self->thread, NULL, leave_a_block, self) == 0, "no thread");
}

static void end(struct short_thread *self)
{
    pthread_join(self->thread, NULL);
    check_contents(self->left);
    release_checked(self->left, &self->random);
}

static void come_and_go(struct short_thread *threads, unsigned long count, uint64_t *random)
{
    for (unsigned long i = 0; i < count + AT_ONCE; i++) {
        struct short_thread *self = &threads[i % AT_ONCE];
        if (i >= AT_ONCE)
            end(self);
        if (i < count)
            start(self, 1 + next_random(random));
    }
}

int main(int argc, char **argv)
{
    unsigned long count = iterations(argc, argv, 5000);
    uint64_t seed = argument(argc, argv, 2, 20);
    static struct short_thread threads[AT_ONCE];
    size_t before = zmalloc_used_memory();
    require(count >= AT_ONCE, "at least %d threads, please", AT_ONCE);

    come_and_go(threads, count, &seed);
    require_total(before, "after the last thread");
    return 0;
}
