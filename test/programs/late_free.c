/* Allocating and freeing where a thread, or the process, is at its end. Rule: the total is exact,
 * however late a call comes and however early the first one came.
 *
 * Arguments: waves of threads, and "main-ends-first" to have another thread outlive main's. */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "checked_block.h"

enum { THREADS = 8, CALLS_IN_DESTRUCTOR = 300 };

/* As often as every system calls destructors (_POSIX_THREAD_DESTRUCTOR_ITERATIONS); the thread
 * sanitizer knows no thread after a destructor of its own in the last round. */
enum { DESTRUCTOR_ROUNDS = UNDER_THREAD_SANITIZER ? 3 : 4 };

/* The first is from before the library was first called and may have made its own. */
static pthread_key_t early_key, late_key, first_use_key;

/* What a thread leaves to a destructor, round after round. */
struct luggage {
    pthread_key_t key;
    int rounds;
    uint64_t random;
    struct checked_block *checked;
};

static struct luggage *pack(pthread_key_t key, int rounds, uint64_t *random)
{
    struct luggage *luggage = zmalloc(sizeof *luggage);
    *luggage = (struct luggage){key, rounds, next_random(random) | 1, make_checked(random)};
    return luggage;
}

static void unpack(void *argument)
{
    struct luggage *luggage = argument;
    check_contents(luggage->checked);
    release_checked(luggage->checked, &luggage->random);
    for (int i = 0; i < CALLS_IN_DESTRUCTOR; i++)
        release_checked(make_checked(&luggage->random), &luggage->random);
    if (--luggage->rounds == 0) {
        zfree(luggage);
        return;
    }
    luggage->checked = make_checked(&luggage->random);
    pthread_setspecific(luggage->key, luggage);
}

static void leave(pthread_key_t key, int rounds, uint64_t *random)
{
    pthread_setspecific(key, pack(key, rounds, random));
}

/* ---- Ways for a thread to end; each is given the state of its random numbers ---- */

static void *return_with_keys_set(void *random)
{
    leave(early_key, DESTRUCTOR_ROUNDS, random);
    leave(late_key, DESTRUCTOR_ROUNDS, random);
    return NULL;
}

/* One round is over. */
static void use_first_in_destructor(void *random)
{
    leave(early_key, DESTRUCTOR_ROUNDS - 1, random);
    leave(late_key, DESTRUCTOR_ROUNDS - 1, random);
}

static void *return_unused(void *random)
{
    pthread_setspecific(first_use_key, random);
    return NULL;
}

static void *exit_from_below(void *random)
{
    leave(late_key, DESTRUCTOR_ROUNDS, random);
    pthread_exit(NULL);
}

static void *wait_to_be_cancelled(void *random)
{
    leave(early_key, DESTRUCTOR_ROUNDS, random);
    pthread_cleanup_push(unpack, pack(late_key, 2, random));
    for (;; sched_yield())
        pthread_testcancel();
    pthread_cleanup_pop(1);
    return NULL;
}

/* What a C++ compiler calls for the destructor of a thread_local, where the C library has it. */
typedef int call_at_thread_end(void (*destroy)(void *), void *object, void *in_module);
static call_at_thread_end *at_thread_end;

static void *return_with_thread_local(void *random)
{
    struct luggage *luggage = pack(late_key, 2, random);
    if (!at_thread_end || at_thread_end(unpack, luggage, &at_thread_end) != 0)
        unpack(luggage);
    return NULL;
}

static void *(*const endings[])(void *) = {
    return_with_keys_set,     return_unused, exit_from_below, wait_to_be_cancelled,
    return_with_thread_local,
};
enum { ENDINGS = sizeof endings / sizeof *endings };

/* Threads of every ending at once, so that some start while others are in their destructors. */
static void run_wave(unsigned long wave, uint64_t *randoms)
{
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        void *(*run)(void *) = endings[(wave + i) % ENDINGS];
        require(pthread_create(&threads[i], NULL, run, &randoms[i]) == 0, "no thread");
        if (run == wait_to_be_cancelled)
            pthread_cancel(threads[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* ---- Before and after main ---- */

static size_t at_start;
static uint64_t process_random = 20;
static struct checked_block *from_constructor, *from_main, *from_atexit;

__attribute__((constructor(101))) static void before_main(void)
{
    require(pthread_key_create(&early_key, unpack) == 0, "no key");
    at_start = zmalloc_used_memory();
    from_constructor = make_checked(&process_random);
    require(pthread_key_create(&late_key, unpack) == 0, "no key");
    require(pthread_key_create(&first_use_key, use_first_in_destructor) == 0, "no key");
    require_total(at_start + checked_size(from_constructor), "before main");
}

static void at_exit(void)
{
    check_contents(from_main);
    release_checked(from_main, &process_random);
    from_atexit = make_checked(&process_random);
    require_total(at_start + checked_size(from_constructor) + checked_size(from_atexit),
                  "in an atexit handler");
}

__attribute__((destructor(101))) static void after_main(void)
{
    check_contents(from_constructor);
    release_checked(from_constructor, &process_random);
    release_checked(from_atexit, &process_random);
    require_total(at_start, "after the last exit handler");
}

/* The process ends with this thread: exit handlers run where the keys' destructors already have. */
static void *outlive_main(void *main_thread)
{
    pthread_join(*(pthread_t *)main_thread, NULL);
    leave(late_key, DESTRUCTOR_ROUNDS, &process_random);
    pthread_exit(NULL);
}

static void end_main_first(void)
{
    static pthread_t main_thread, other;
    main_thread = pthread_self();
    leave(early_key, DESTRUCTOR_ROUNDS, &process_random);
    require(pthread_create(&other, NULL, outlive_main, &main_thread) == 0, "no thread");
    pthread_detach(other);
    pthread_exit(NULL);
}

int main(int argc, char **argv)
{
    unsigned long waves = iterations(argc, argv, 60);
    int main_ends_first = argc > 2 && strcmp(argv[2], "main-ends-first") == 0;
    if (main_ends_first && UNDER_THREAD_SANITIZER)
        skip("the thread sanitizer cannot run exit handlers on a thread that has ended.");
    *(void **)&at_thread_end = dlsym(RTLD_DEFAULT, "__cxa_thread_atexit_impl");
    static uint64_t randoms[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        randoms[i] = next_random(&process_random) | 1;
    size_t before = zmalloc_used_memory();
    for (unsigned long wave = 0; wave < waves; wave++) {
        run_wave(wave, randoms);
        require_total(before, "after threads that freed in their destructors");
    }

    from_main = make_checked(&process_random);
    require(atexit(at_exit) == 0, "no atexit");
    if (main_ends_first)
        end_main_first();
    return 0;
}
