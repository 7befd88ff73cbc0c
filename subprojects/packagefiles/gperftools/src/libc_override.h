/* In place of the header that makes tcmalloc the whole program's malloc: it stays a part of the one
 * library that asked for it, under its tc_ names. */
#ifndef TCMALLOC_LIBC_OVERRIDE_INL_H_
#define TCMALLOC_LIBC_OVERRIDE_INL_H_

#include <new>

#include "tcmalloc_guard.h"

static void ReplaceSystemAlloc()
{
}

/* Until tcmalloc has started it says of every block that its size is 0. In a static program its C++
 * constructors come after the program's own of any priority; the first priority that a program may
 * not have comes before. The guard is never destroyed, as blocks may be freed to the very end. */
#ifdef __ELF__
static void start()
{
    alignas(TCMallocGuard) static char guard[sizeof(TCMallocGuard)];
    new (guard) TCMallocGuard;
}

__attribute__((section(".init_array.00100"), used)) static void (*start_first)() = start;
#endif

#endif
