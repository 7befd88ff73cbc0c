/* The two probes by which a profiler outside of the process learns of samples: those of
 * OpenTelemetry's memory design, which is provisional, the provider's name too. In tracepoint/. */
#ifndef ZM_TRACEPOINT_H
#define ZM_TRACEPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"

#if ZM_HAVE_USDT

/* How many profilers are attached to a probe, as the kernel or a debugger counts them up and down
 * in our memory. */
extern volatile unsigned short otel_memory_alloc_semaphore, otel_memory_free_semaphore;

/* Whether a profiler wants samples: one may attach to `alloc` alone. */
static inline bool zm_is_traced(void)
{
    return otel_memory_alloc_semaphore != 0;
}

static inline bool zm_is_free_traced(void)
{
    return otel_memory_free_semaphore != 0;
}

#else

static inline bool zm_is_traced(void)
{
    return false;
}

static inline bool zm_is_free_traced(void)
{
    return false;
}

#endif

/* A block was sampled: its size, and the bytes that it stands for. The probe is the first thing in
 * the function, so that the arguments are in the registers of a call's first ones. */
void zm_probe_alloc(void *p, uint64_t size, uint64_t weighted_bytes);

/* A sampled block is about to be freed. */
void zm_probe_free(void *p);

#endif
