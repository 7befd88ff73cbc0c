/* With the mutex counter there are no samples. */
#include <errno.h>

#include "sample.h"
#include "zmalloc.h"

ZM_ATOMIC(int) zm_is_sampling;
ZM_ATOMIC(int) zm_has_samples;
ZM_ATOMIC(size_t) zm_profile_mean;
ZM_ATOMIC(size_t) zm_sample_gate = ZM_GATE_CLOSED;
_Thread_local struct zm_sampler zm_sampler ZM_TLS_MODEL;

void zm_open_sample_gate(bool is_open)
{
    (void)is_open;
}

void zm_sample_for_tracer(void)
{
}

bool zm_sample_is_due(size_t size)
{
    (void)size;
    return false;
}

void zm_sample_begin(void *block, size_t size, size_t most, const struct zm_stack_top *top)
{
    (void)most;
    (void)block;
    (void)size;
    (void)top;
}

void zm_sample_end_slow(void *block)
{
    (void)block;
}

struct zm_sample *zm_sample_suspend(void *block)
{
    (void)block;
    return NULL;
}

size_t zm_sample_size(const struct zm_sample *sample)
{
    (void)sample;
    return 0;
}

void zm_sample_ended(struct zm_sample *sample)
{
    (void)sample;
}

void zm_sample_restore(struct zm_sample *sample, void *block)
{
    (void)sample;
    (void)block;
}

static int not_here(void)
{
    errno = ENOSYS;
    return -1;
}

int zmalloc_profile_start(size_t mean_bytes)
{
    (void)mean_bytes;
    return not_here();
}

void zmalloc_profile_stop(void)
{
}

int zmalloc_profile_write(int fd)
{
    (void)fd;
    return not_here();
}
