/* Samples: one block in about every `mean` bytes allocated is known by its address until it is
 * freed, and told to who watches: a profiler outside (tracepoint.h) and the profile of profile.c.
 *
 * While anybody watches the fast path of allocating is closed, and each allocation counts down to
 * the next sample, before the allocator is asked: a sampled block is made page aligned, and is the
 * only one made. So nearly all other blocks are told apart in zfree by zm_free_mask. The counter's
 * look cannot decide it, as that comes when the block is there. Blocks that are no samples pass a
 * gate in the fast path: sample_gate.h. */
#ifndef ZM_SAMPLE_H
#define ZM_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "compiler.h"
#include "config.h"
#include "sample_table.h"
#include "stack.h"
#include "tracepoint.h"

/* Samples are aligned to this, everywhere: larger pages only have more blocks looked up. */
enum { ZM_SAMPLE_ALIGNMENT = 4096 };

/* Whether anybody watched when it was last asked. Acquire: the table and zm_free_mask were ready
 * before. */
extern ZM_ATOMIC(int) zm_is_sampling;

/* Whether there ever was a sample. */
extern ZM_ATOMIC(int) zm_has_samples;

/* To be asked now and then: begins to sample when a profiler has come. */
void zm_sample_for_tracer(void);

static ZM_ALWAYS_INLINE void zm_notice_tracer(void)
{
    if (ZM_UNLIKELY(zm_is_traced()) && !zm_load(&zm_is_sampling))
        zm_sample_for_tracer();
}

/* What a thread knows of its next sample. */
struct zm_sampler {
    size_t session; /* 0: none yet */
    size_t left;    /* bytes up to it, of which the gate knows, */
    size_t later;   /* and beside them */
    uint64_t random;
    bool is_busy; /* within zm_sample_begin: what it calls may allocate by way of the program */
};
extern _Thread_local struct zm_sampler zm_sampler ZM_TLS_MODEL;

/* Another each time that all threads are to draw anew, as what they have left was of another mean;
 * ZM_GATE_CLOSED where no block may pass quickly. */
extern ZM_ATOMIC(size_t) zm_sample_gate;
#define ZM_GATE_CLOSED SIZE_MAX

/* For zm_update_fast_limit(). */
void zm_open_sample_gate(bool is_open);

#if ZM_X86_64_ASSEMBLY

/* The loads and stores below as one instruction each; compilers make more. */

static ZM_ALWAYS_INLINE bool zm_is_gate(size_t session)
{
    bool is_open;
    __asm__("{cmpq %2, %1|cmp %1, %2}" : "=@cce"(is_open) : "m"(zm_sample_gate), "r"(session));
    return is_open;
}

static ZM_ALWAYS_INLINE bool zm_take_from(size_t *left, size_t size)
{
    bool is_short;
    __asm__("{subq %2, %1|sub %1, %2}" : "=@ccb"(is_short), "+m"(*left) : "r"(size));
    if (ZM_LIKELY(!is_short))
        return true;
    *left += size;
    return false;
}

#else

/* Acquire: the table of sizes was cleared before it was opened. */
static ZM_ALWAYS_INLINE bool zm_is_gate(size_t session)
{
    return session == zm_load_acquire(&zm_sample_gate);
}

static ZM_ALWAYS_INLINE bool zm_take_from(size_t *left, size_t size)
{
    if (ZM_UNLIKELY(size > *left))
        return false;
    *left -= size;
    return true;
}

#endif

/* Counts a block that will be charged `size` bytes; false, and nothing counted, where it may be the
 * next sample or the gate is closed. */
static ZM_ALWAYS_INLINE bool zm_sample_passes(size_t size)
{
    struct zm_sampler *own = &zm_sampler;
    return zm_is_gate(own->session) && zm_take_from(&own->left, size);
}

/* Whether the calling thread's next block, which will be charged `size` bytes, is to be sampled:
 * with a chance of 1 - exp(-size / mean). */
bool zm_sample_is_due(size_t size);

/* The block becomes a sample: of `size` bytes, drawn as one of `most`, which is more where that was
 * not known yet. Then, with the chance that it had too much, and where the table is full, it is a
 * block like any other. `top` as for zm_stack_take(). Keeps errno. */
void zm_sample_begin(void *block, size_t size, size_t most, const struct zm_stack_top *top);

/* To be called before a block goes back to the allocator, as another thread may get it at once. A
 * block that is no sample is only looked up if it is page aligned. */
void zm_sample_end_slow(void *block);

static inline bool zm_may_be_sample(const void *block)
{
    return (uintptr_t)block % ZM_SAMPLE_ALIGNMENT == 0 && zm_load(&zm_has_samples);
}

static inline void zm_sample_end(void *block)
{
    if (zm_may_be_sample(block))
        zm_sample_end_slow(block);
}

/* The same where it may turn out that the block stays: zm_sample_ended() or zm_sample_restore() is
 * to follow. NULL where it is no sample. */
struct zm_sample *zm_sample_suspend(void *block);
void zm_sample_ended(struct zm_sample *sample);
void zm_sample_restore(struct zm_sample *sample, void *block);

/* ---- For profile.c ---- */

/* Samples with a mean of that, with stacks; ends that with 0. False without memory. */
bool zm_sample_for_profile(size_t mean);

/* The mean of the profile that runs, 0 where none does. */
extern ZM_ATOMIC(size_t) zm_profile_mean;

/* For tests: all threads draw anew, and by this seed the calling thread always the same. */
void zm_sample_seed(size_t seed);

#endif
