/* The part of zmalloc/redis.h that is about jemalloc, which includes it.
 *
 * SPDX-License-Identifier: BSD-3-Clause */
#ifndef ZMALLOC_REDIS_JEMALLOC_H
#define ZMALLOC_REDIS_JEMALLOC_H

#include "../zmalloc.h"

#include <stdio.h>
#include <stdlib.h>

/* A distribution's has to be there only where the server's sources include it themselves. */
#if defined(USE_JEMALLOC) && defined(__has_include)
#if __has_include(<jemalloc/jemalloc.h>)
#include <jemalloc/jemalloc.h>
#endif
#endif

/* The server's own copy, by what its header has that no other has. Its names begin with je_. */
#if defined(JEMALLOC_FRAG_HINT) || defined(VALKEY_VENDORED_JEMALLOC)

#if defined(JEMALLOC_FRAG_HINT)
#define HAVE_DEFRAG
#endif

/* The library must be on the same one: blocks go to and fro. The text of its version lies at one
 * address in each. */
__attribute__((constructor)) static inline void zmalloc_server_check_jemalloc(void)
{
    const char *own = NULL, *of_library = NULL;
    size_t size = sizeof own;
    je_mallctl("version", &own, &size, NULL, 0);
    zmalloc_mallctl("version", &of_library, &size, NULL, 0);
    if (own == of_library)
        return;
    fprintf(stderr,
            "zmalloc/redis.h: this server has a jemalloc of its own, and libzmalloc allocates from "
            "%s: make it with MALLOC=libc, or build the library on that jemalloc.\n",
            zmalloc_lib());
    exit(1);
}

/* ---- Blocks of an arena or a thread cache of their own ----
 *
 * Where jemalloc has nothing left, or the hard limit refuses, the ordinary call is made, which
 * tells the handler. */

static inline void *zmalloc_with_flags(size_t n, int flags)
{
    void *block = n <= PTRDIFF_MAX ? je_mallocx(n ? n : 1, flags) : NULL;
    if (block && zmalloc_charge(je_sallocx(block, flags)) == 0)
        return block;
    if (block)
        je_dallocx(block, flags);
    return zmalloc(n);
}

/* A sampled block, which is page aligned and of the ordinary call, leaves the profile only where
 * the library frees it. That goes past any thread cache, so the block may be of an arena that is to
 * be destroyed. */
static inline void zfree_with_flags(void *block, int flags)
{
    if ((uintptr_t)block % 4096 == 0) {
        zfree_no_tcache(block);
        return;
    }
    zmalloc_discharge(je_sallocx(block, flags));
    je_dallocx(block, flags);
}

static inline void *zrealloc_with_flags(void *block, size_t n, int flags)
{
    if (!block)
        return zmalloc_with_flags(n, flags);
    if (n == 0) {
        zfree_with_flags(block, flags);
        return NULL;
    }
    size_t before = je_sallocx(block, flags);
    size_t after = n <= PTRDIFF_MAX ? je_nallocx(n, flags) : 0;
    void *moved = NULL;
    if (after && zmalloc_charge(after) == 0) {
        moved = je_rallocx(block, n, flags);
        zmalloc_discharge(moved ? before : after);
    }
    return moved ? moved : zrealloc(block, n);
}

#elif defined(USE_JEMALLOC)

/* The library's jemalloc, which may be a private copy, is asked through the library. Its blocks are
 * all of the same arenas. */
#undef je_mallctl
#undef je_nallocx
#undef je_malloc_stats_print
#define je_mallctl zmalloc_mallctl
#define je_nallocx(n, flags) ((void)(flags), zmalloc_good_size(n))
#define je_malloc_stats_print(write, context, options) zmalloc_print_stats(write, context)
#define zmalloc_with_flags(n, flags) ((void)(flags), zmalloc(n))
#define zrealloc_with_flags(block, n, flags) ((void)(flags), zrealloc(block, n))
#define zfree_with_flags(block, flags) ((void)(flags), zfree(block))
#ifndef MALLOCX_ARENA /* without its header */
#define MALLOCX_ARENA(arena) ((int)(arena))
#define MALLOCX_TCACHE(cache) ((int)(cache))
#define MALLOCX_TCACHE_NONE 0
#endif

#endif

/* ---- Its figures ---- */

/* A figure of jemalloc's by the name with one or two numbers in it, of a size_t or, in some, a
 * uint32_t; 0 where there is none. */
static inline size_t zmalloc_server_ask(const char *name, unsigned first, unsigned second)
{
    char text[64];
    uint32_t number;
    size_t figure = 0, length = sizeof figure;
    snprintf(text, sizeof text, name, first, second);
    if (zmalloc_mallctl(text, &figure, &length, NULL, 0) == 0)
        return figure;
    length = sizeof number;
    return zmalloc_mallctl(text, &number, &length, NULL, 0) == 0 ? number : 0;
}

/* Bytes of regions that are free in slabs that are not: of one arena, or of all (4096). */
static inline size_t zmalloc_server_free_in_slabs(unsigned arena)
{
    size_t bytes = 0, bins = zmalloc_server_ask("arenas.nbins", 0, 0);
    for (unsigned bin = 0; bin < bins; bin++) {
        size_t slabs = zmalloc_server_ask("stats.arenas.%u.bins.%u.curslabs", arena, bin);
        size_t used = zmalloc_server_ask("stats.arenas.%u.bins.%u.curregs", arena, bin);
        size_t regions = slabs * zmalloc_server_ask("arenas.bin.%u.nregs", bin, 0);
        bytes += (regions - used) * zmalloc_server_ask("arenas.bin.%u.size", bin, 0);
    }
    return bytes;
}

/* Of one arena of jemalloc, all 0 elsewhere. */
static inline int zmalloc_get_allocator_info_by_arena(unsigned arena, int refresh,
                                                      size_t *allocated, size_t *active,
                                                      size_t *resident, size_t *free_in_slabs)
{
    uint64_t epoch = 1;
    if (refresh)
        zmalloc_mallctl("epoch", NULL, NULL, &epoch, sizeof epoch);
    *allocated = zmalloc_server_ask("stats.arenas.%u.small.allocated", arena, 0)
                 + zmalloc_server_ask("stats.arenas.%u.large.allocated", arena, 0);
    *active = zmalloc_server_ask("stats.arenas.%u.pactive", arena, 0)
              * zmalloc_server_ask("arenas.page", 0, 0);
    *resident = 0; /* the server's own zmalloc asks for a figure that jemalloc does not have */
    *free_in_slabs = zmalloc_server_free_in_slabs(arena);
    return 1;
}

#endif
