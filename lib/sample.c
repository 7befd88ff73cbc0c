#include "sample.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "compiler.h"
#include "config.h"
#include "counter.h"
#include "fast_path.h"
#include "limit.h"
#include "poisson.h"

/* Where only a profiler outside watches. */
#define ZM_DEFAULT_MEAN ((size_t)512 << 10)

ZM_ATOMIC(int) zm_is_sampling;
ZM_ATOMIC(int) zm_has_samples;
ZM_ATOMIC(size_t) zm_profile_mean;

ZM_ATOMIC(size_t) zm_sample_gate = ZM_GATE_CLOSED;
_Thread_local struct zm_sampler zm_sampler ZM_TLS_MODEL;

/* What the gate is when it is open; 0 before the first. */
static ZM_ATOMIC(size_t) session;

static ZM_ATOMIC(size_t) seed;
static ZM_ATOMIC(size_t) threads_seeded;

static size_t present_mean(void)
{
    size_t mean = zm_load(&zm_profile_mean);
    return mean ? mean : ZM_DEFAULT_MEAN;
}

/* ---- Who watches ---- */

/* The seed of the first session, where no test has set one. */
static size_t any_seed(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t state = (uint64_t)now.tv_sec ^ ((uint64_t)now.tv_nsec << 32) ^ (uint64_t)getpid()
                     ^ (uint64_t)(uintptr_t)&now;
    return (size_t)zm_random(&state);
}

/* Any thread may come at any time: the last to write finds whoever watches then. */
static void update_sampling(void)
{
    int wanted;
    do {
        wanted = zm_load_acquire(&zm_profile_mean) != 0 || zm_is_traced();
        zm_exchange(&zm_is_sampling, wanted);
    } while (wanted != (zm_load_acquire(&zm_profile_mean) != 0 || zm_is_traced()));
    zm_update_fast_limit();
}

static bool begin_session(void)
{
    if (!zm_sample_table_open())
        return false;
    if (zm_load(&session) == 0)
        zm_store(&seed, any_seed());
    zm_increment(&session);
    zm_lower_free_mask(ZM_SAMPLE_ALIGNMENT - 1);
    zm_store_release(&zm_has_samples, 1);
    return true;
}

void zm_sample_for_tracer(void)
{
    int saved_errno = errno;
    if (begin_session())
        update_sampling();
    errno = saved_errno;
}

bool zm_sample_for_profile(size_t mean)
{
    if (mean && !zm_sample_table_open())
        return false;
    zm_exchange(&zm_profile_mean, mean);
    begin_session();
    update_sampling();
    return true;
}

void zm_sample_seed(size_t chosen)
{
    zm_store(&seed, chosen);
    zm_store(&threads_seeded, 0);
    zm_increment(&session);
    zm_update_fast_limit();
}

/* Its threads draw by chances of their own, or all children of a process would sample the same. And
 * a fork may have come in the middle of a start. */
static void begin_anew_in_child(void)
{
    if (zm_load(&session) == 0)
        return;
    zm_store(&seed, any_seed());
    zm_store(&threads_seeded, 0);
    zm_sampler.session = 0; /* it may not be the first to draw */
    zm_increment(&session);
    update_sampling();
}

/* At load: pthread_atfork may allocate, by way of the program. */
ZM_CONSTRUCTOR_EARLY static void watch_children_early(void)
{
    pthread_atfork(NULL, NULL, begin_anew_in_child);
}

/* ---- Which blocks ---- */

/* The gate believes that charges it does not know, ZM_NEVER_QUICK, are more than any thread's. */
static void set_gap(size_t gap)
{
    zm_sampler.left = gap < ZM_NEVER_QUICK ? gap : ZM_NEVER_QUICK - 1;
    zm_sampler.later = gap - zm_sampler.left;
}

static void join_session(size_t present)
{
    if (zm_sampler.session == 0 || zm_load(&threads_seeded) == 0)
        zm_sampler.random =
            zm_load(&seed) + zm_increment(&threads_seeded) * UINT64_C(0x632be59bd9b4e019);
    zm_sampler.session = present;
    set_gap(zm_next_gap(&zm_sampler.random, present_mean()));
}

/* The gate is closed first, and the last to write finds whoever watches and what session it is. */
void zm_open_sample_gate(bool is_open)
{
    size_t present;
    zm_exchange(&zm_sample_gate, ZM_GATE_CLOSED);
    do {
        present = zm_load_acquire(&session);
        if (is_open)
            zm_exchange(&zm_sample_gate, present);
    } while (present != zm_load_acquire(&session));
}

bool zm_sample_is_due(size_t size)
{
    size_t present = zm_load_acquire(&session);
    if (ZM_UNLIKELY(zm_sampler.session != present))
        join_session(present);
    size_t gap = zm_sampler.left + zm_sampler.later;
    if (size <= gap) {
        set_gap(gap - size);
        return false;
    }
    set_gap(zm_next_gap(&zm_sampler.random, present_mean()));
    if (zm_load(&zm_profile_mean) == 0 && !zm_is_traced())
        update_sampling();
    return zm_load(&zm_is_sampling) && !zm_sampler.is_busy;
}

/* ---- Their lives ---- */

static void tell_tracer(void *block, size_t size, size_t mean)
{
    if (zm_is_traced())
        zm_probe_alloc(block, size, zm_weighted_bytes(size, mean));
}

void zm_sample_begin(void *block, size_t size, size_t most, const struct zm_stack_top *top)
{
    if (size < most && !zm_keeps_sample(&zm_sampler.random, size, most, present_mean()))
        return;
    int saved_errno = errno;
    struct zm_sample_facts facts = {.size = size, .mean = present_mean()};
    zm_sampler.is_busy = true;
    if (zm_load(&zm_profile_mean))
        facts.depth = zm_stack_take(top, facts.stack, ZM_MOST_FRAMES);
    zm_sampler.is_busy = false;
    if (zm_sample_put(block, &facts))
        tell_tracer(block, size, facts.mean);
    errno = saved_errno;
}

struct zm_sample *zm_sample_suspend(void *block)
{
    struct zm_sample *sample = zm_may_be_sample(block) ? zm_sample_take(block) : NULL;
    if (sample && zm_is_free_traced())
        zm_probe_free(block);
    return sample;
}

void zm_sample_ended(struct zm_sample *sample)
{
    if (sample)
        zm_sample_drop(sample);
}

/* A profiler was told that it is gone, and is told that it is there. */
void zm_sample_restore(struct zm_sample *sample, void *block)
{
    if (!sample)
        return;
    size_t size = zm_sample_size(sample), mean = zm_sample_mean(sample);
    zm_sample_put_back(sample, block);
    tell_tracer(block, size, mean);
}

void zm_sample_end_slow(void *block)
{
    zm_sample_ended(zm_sample_suspend(block));
}
