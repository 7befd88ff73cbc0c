/* By <sys/sdt.h>: a nop and a note in the ELF file for each. */
#include "tracepoint.h"

#define _SDT_HAS_SEMAPHORES 1
#define STAP_SDT_ARG_CONSTRAINT r /* clang would have them in memory */
#include <sys/sdt.h>

#include "compiler.h"

/* Its macros are variadic in GNU's way. */
#pragma GCC diagnostic ignored "-Wpedantic"

#define ZM_SEMAPHORE __attribute__((section(".probes"), used))
volatile unsigned short otel_memory_alloc_semaphore ZM_SEMAPHORE;
volatile unsigned short otel_memory_free_semaphore ZM_SEMAPHORE;

ZM_ONE_COPY void zm_probe_alloc(void *p, uint64_t size, uint64_t weighted_bytes)
{
    DTRACE_PROBE3(otel_memory, alloc, p, size, weighted_bytes);
}

ZM_ONE_COPY void zm_probe_free(void *p)
{
    DTRACE_PROBE1(otel_memory, free, p);
}
