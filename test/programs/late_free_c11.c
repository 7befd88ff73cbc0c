/* As late_free, for threads of <threads.h>: thrd_exit and the destructors of tss_create. */
#include <threads.h>

#include "checked_block.h"

enum { THREADS = 8 };

static tss_t key;

struct luggage {
    int rounds_left;
    uint64_t random;
    struct checked_block *checked;
};

static void destroy_luggage(void *argument)
{
    struct luggage *luggage = argument;
    release_checked(luggage->checked, &luggage->random);
    if (--luggage->rounds_left == 0) {
        zfree(luggage);
        return;
    }
    luggage->checked = make_checked(&luggage->random);
    tss_set(key, luggage);
}

static int exit_with_luggage(void *seed)
{
    struct luggage *luggage = zmalloc(sizeof *luggage);
    *luggage = (struct luggage){.rounds_left = TSS_DTOR_ITERATIONS, .random = *(uint64_t *)seed};
    luggage->checked = make_checked(&luggage->random);
    tss_set(key, luggage);
    thrd_exit(0);
}

int main(int argc, char **argv)
{
    unsigned long waves = iterations(argc, argv, 50);
    uint64_t seed = 20;
    if (UNDER_THREAD_SANITIZER)
        skip("the thread sanitizer does not see the threads of <threads.h>.");
    size_t before = zmalloc_used_memory();
    require(tss_create(&key, destroy_luggage) == thrd_success, "no key");
    for (unsigned long wave = 0; wave < waves; wave++) {
        thrd_t threads[THREADS];
        uint64_t seeds[THREADS];
        for (int i = 0; i < THREADS; i++) {
            seeds[i] = next_random(&seed) | 1;
            require(thrd_create(&threads[i], exit_with_luggage, &seeds[i]) == thrd_success,
                    "no thread");
        }
        for (int i = 0; i < THREADS; i++)
            thrd_join(threads[i], NULL);
        require_total(before, "after threads that freed in their destructors");
    }
    return 0;
}
