/* Redis and Valkey on zmalloc: stands in for the zmalloc.h and zmalloc.c of the server.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The server's src/zmalloc.h becomes these two lines, src/zmalloc.c is left out of its Makefile,
 * and the link gets `pkg-config --libs zmalloc`: see docs/migrating.md and zmalloc-redis(7).
 *
 *     #include "version.h"
 *     #include <zmalloc/redis.h>
 *
 * For Redis 6.2 to 8.x and Valkey 7.2 to 9.x, chosen by the server's version; a newer one gets the
 * newest interface, and the compiler a note of it. For servers alone: the macros below would stand
 * in the way of another program. Units, alignment, errors and thread safety are those of zmalloc.h.
 *
 * USE_JEMALLOC, which the server's Makefile defines for MALLOC=jemalloc, gives the server the
 * commands that need jemalloc (DEBUG MALLCTL, MEMORY MALLOC-STATS): define it only where the
 * library's backend is jemalloc. Its own copy, in deps/, does active defragmentation too. */
#ifndef ZMALLOC_REDIS_H
#define ZMALLOC_REDIS_H

#include "../zmalloc.h" /* <zmalloc.h> may be the server's */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h> /* malloc_trim */
#endif
#ifdef __linux__
#include <sys/mman.h>
#ifndef MADV_DONTNEED /* strict C, which server sources ask for, hides it */
#define MADV_DONTNEED 4
int madvise(void *from, size_t n, int advice);
#endif
#endif

/* ---- Which interface ---- */

#if defined(VALKEY_VERSION_NUM)
#define ZMALLOC_SERVER_INFO_ARGUMENTS                                                              \
    (VALKEY_VERSION_NUM < 0x00070900 ? 3 : VALKEY_VERSION_NUM < 0x00080100 ? 6 : 5)
#define ZMALLOC_SERVER_HINTS_SIZE (VALKEY_VERSION_NUM >= 0x00080100)
#define ZMALLOC_SERVER_IS_UNKNOWN (VALKEY_VERSION_NUM >= 0x000a0000)
#elif defined(REDIS_VERSION_NUM)
#define ZMALLOC_SERVER_INFO_ARGUMENTS (REDIS_VERSION_NUM < 0x00070400 ? 3 : 7)
#define ZMALLOC_SERVER_HINTS_SIZE 0
#define ZMALLOC_SERVER_IS_UNKNOWN (REDIS_VERSION_NUM >= 0x00090000)
#else
#error "zmalloc/redis.h: which server is it? Include its \"version.h\" before."
#endif
#if ZMALLOC_SERVER_IS_UNKNOWN
#pragma message(                                                                                   \
    "zmalloc/redis.h: a newer server than this header knows; it gets the newest interface")
#endif

#include "redis_jemalloc.h"

/* ---- Calls by other names ---- */

#define HAVE_MALLOC_SIZE 1

/* These allocate; the pointer may be NULL. */
#define zmalloc_usable zmalloc_at_least
#define zcalloc_usable zcalloc_at_least
#define zrealloc_usable zrealloc_at_least
#define ztrymalloc_usable ztrymalloc_at_least
#define ztrycalloc_usable ztrycalloc_at_least
#define ztryrealloc_usable ztryrealloc_at_least

static inline void *ztryrealloc_usable2(void *block, size_t n, size_t *usable, size_t *before)
{
    size_t had = zmalloc_usable_size(block);
    void *moved = ztryrealloc_at_least(block, n, usable);
    if (before)
        *before = had;
    return moved;
}

static inline void *zrealloc_usable2(void *block, size_t n, size_t *usable, size_t *before)
{
    size_t had = zmalloc_usable_size(block);
    void *moved = zrealloc_at_least(block, n, usable);
    if (before)
        *before = had;
    return moved;
}

static inline char *zstrdup_usable(const char *string, size_t *usable)
{
    size_t n = strlen(string) + 1;
    char *copy = (char *)zmalloc_at_least(n, usable);
    return copy ? (char *)memcpy(copy, string, n) : NULL;
}

/* Stores what could be written to the block; nothing for NULL. */
static inline void zfree_usable(void *block, size_t *usable)
{
    if (!block)
        return;
    size_t had = zmalloc_usable_size(block);
    if (usable)
        *usable = had;
    zfree_with_size(block, had);
}

/* As the server's CACHE_LINE_SIZE, which is 128 on Apple's processors. */
#if defined(__APPLE__) && defined(__aarch64__)
#define zmalloc_cache_aligned(n) zaligned_alloc(128, n)
#else
#define zmalloc_cache_aligned(n) zaligned_alloc(64, n)
#endif

/* The same block, of which the compiler believes nothing any more: the server writes all that is
 * usable. */
static inline void *extend_to_usable(void *block, size_t usable)
{
    (void)usable;
    __asm__("" : "+r"(block));
    return block;
}

/* ---- What the allocator says ---- */

/* What the server's own zmalloc says on the C library's malloc: nothing, at no cost. There the sum
 * over all chunks may take 200 ms, and a server asks ten times a second. */
static inline int zmalloc_server_is_told(void)
{
    return strncmp(zmalloc_lib(), "libc", 4) != 0;
}

static inline void zmalloc_server_store(size_t *where, uint64_t figure)
{
    if (where)
        *where = figure == ZMALLOC_UNKNOWN ? 0 : (size_t)figure;
}

static inline int zmalloc_server_info(size_t *allocated, size_t *active, size_t *resident,
                                      size_t *retained, size_t *muzzy)
{
    struct zmalloc_info info;
    zmalloc_get_info(&info, sizeof info, zmalloc_server_is_told() ? ZMALLOC_INFO_ALLOCATOR : 0);
    zmalloc_server_store(allocated, info.allocated);
    zmalloc_server_store(active, info.active);
    zmalloc_server_store(resident, info.resident);
    zmalloc_server_store(retained, info.retained);
    zmalloc_server_store(muzzy, info.muzzy);
    return 1;
}

/* The figures are fresh with each call, and so before what is told of slabs. */
static inline int zmalloc_server_slab_info(size_t *allocated, size_t *active, size_t *resident,
                                           size_t *retained, size_t *muzzy, size_t *free_in_slabs)
{
    int told = zmalloc_server_info(allocated, active, resident, retained, muzzy);
    if (free_in_slabs)
        *free_in_slabs = zmalloc_server_free_in_slabs(4096);
    return told;
}

#if ZMALLOC_SERVER_INFO_ARGUMENTS == 7
#define zmalloc_get_allocator_info(refresh, ...)                                                   \
    ((void)(refresh), zmalloc_server_slab_info(__VA_ARGS__))
#elif ZMALLOC_SERVER_INFO_ARGUMENTS == 6
#define zmalloc_get_allocator_info zmalloc_server_slab_info
#elif ZMALLOC_SERVER_INFO_ARGUMENTS == 5
#define zmalloc_get_allocator_info zmalloc_server_info
#else
#define zmalloc_get_allocator_info(allocated, active, resident)                                    \
    zmalloc_server_info(allocated, active, resident, NULL, NULL)
#endif

/* zmalloc_get_peak_memory() is the library's. A server asks several times a second when a new one
 * was reached. */
static inline time_t zmalloc_get_peak_memory_time(void)
{
    return time(NULL);
}

/* ---- Giving back ---- */

static inline int jemalloc_purge(void)
{
    zmalloc_purge();
    return 0;
}

/* Lua's blocks are of the C library's malloc, which the server's may not be. */
static inline void zlibc_trim(void)
{
#ifdef __GLIBC__
    if (zmalloc_server_is_told())
        malloc_trim(0);
#endif
}

/* Whole pages in a range whose content is not needed any more, at once: in a fork's child, so that
 * they are not copied when the server writes to them. */
static inline void zmadvise_dontneed_range(void *from, size_t n)
{
#ifdef __linux__
    if (from && n)
        madvise(from, n, MADV_DONTNEED);
#else
    (void)from;
    (void)n;
#endif
}

/* The same of a block, of whose size the caller may have an idea: 0 for none. */
static inline void zmalloc_server_dismiss(void *block, size_t hint)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size;
    if (!block || (hint && hint / 2 < page) || (size = zmalloc_usable_size(block)) < page)
        return;
    size_t begin = ((uintptr_t)block + page - 1) / page * page;
    size_t end = ((uintptr_t)block + size) / page * page;
    if (begin < end)
        zmadvise_dontneed_range((char *)block + (begin - (uintptr_t)block), end - begin);
}

#if ZMALLOC_SERVER_HINTS_SIZE
#define zmadvise_dontneed zmalloc_server_dismiss
#else
#define zmadvise_dontneed(block) zmalloc_server_dismiss(block, 0)
#endif

/* Pages in the background, by threads of jemalloc's. */
static inline void set_jemalloc_bg_thread(int enable)
{
    bool value = enable != 0;
    zmalloc_mallctl("background_thread", NULL, NULL, &value, sizeof value);
}

/* ---- What else a server links ---- */

#if defined(VALKEY_VERSION_NUM) && !defined(__cplusplus)
/* For its copy of hdr_histogram, which knows zmalloc by these names. */
#define ZMALLOC_SERVER_WEAK __attribute__((weak))
void *valkey_malloc(size_t n);
void *valkey_realloc(void *block, size_t n);
void valkey_free(void *block);

ZMALLOC_SERVER_WEAK void *valkey_malloc(size_t n)
{
    return zmalloc(n);
}

ZMALLOC_SERVER_WEAK void *valkey_realloc(void *block, size_t n)
{
    return zrealloc(block, n);
}

ZMALLOC_SERVER_WEAK void valkey_free(void *block)
{
    zfree(block);
}
#endif

#ifdef REDIS_TEST
/* The server's tests of its own zmalloc, of which there are none left. */
static inline int zmalloc_test(int argc, char **argv, int flags)
{
    (void)argc;
    (void)argv;
    (void)flags;
    return 0;
}
#endif

#endif
