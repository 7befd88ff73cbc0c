/* zmalloc: a malloc that knows its own total.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What holds for every call:
 *  - Sizes are in bytes. `usable` is what the caller may write to a block; `size` is what is
 *    charged for it: usable plus the hidden header, where the backend needs one.
 *  - Every block is aligned for any C object (alignof(max_align_t)), unless the library was built
 *    with -Dprefix_size=word, which aligns to sizeof(size_t).
 *  - A request for 0 bytes gives a distinct block that must be freed.
 *  - A request above PTRDIFF_MAX fails as out of memory.
 *  - A block belongs to the caller until zfree, zfree_with_size, zfree_no_tcache or a successful
 *    zrealloc takes it back. Never pass it to free(), nor memory from malloc() to zfree().
 *  - Every call may be made from any thread at any time, on a block from any thread; two threads
 *    must not free or resize the same block. No call is safe inside a signal handler.
 *  - The library prints or aborts only in its default out-of-memory handler. What allocators do of
 *    their own when the system has nothing left is in zmalloc-backends(7).
 *  - errno is set on failure. After a successful allocation it means nothing, as after malloc: an
 *    allocator that was refused memory in one place and found it in another may leave ENOMEM.
 *
 * "Redis:" names the call of Redis's zmalloc.c that a call replaces; "Source:" and "Idea:" whose
 * interface or thought it is.
 */
#ifndef ZMALLOC_H
#define ZMALLOC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header; zmalloc_version() tells that of the library which is loaded. */
#define ZMALLOC_VERSION_MAJOR 0
#define ZMALLOC_VERSION_MINOR 1
#define ZMALLOC_VERSION_PATCH 0
#define ZMALLOC_VERSION_STRING "0.1.0"

#ifdef __has_attribute
#define ZMALLOC_HAS_ATTRIBUTE(name) __has_attribute(name)
#else
#define ZMALLOC_HAS_ATTRIBUTE(name) 0
#endif

#if ZMALLOC_HAS_ATTRIBUTE(visibility) && !defined(_WIN32)
#define ZMALLOC_API __attribute__((visibility("default")))
#else
#define ZMALLOC_API
#endif

#if ZMALLOC_HAS_ATTRIBUTE(malloc)
#define ZMALLOC_ATTR_MALLOC __attribute__((malloc))
#else
#define ZMALLOC_ATTR_MALLOC
#endif

/* gcc 11 and newer warn when a block is given to the wrong deallocator. clang has no such form. Not
 * in C++, where gcc would take the zfree in an operator delete for one, and has no way to be told
 * of the operator new beside it. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11 && !defined(__cplusplus)
#define ZMALLOC_ATTR_FREED_BY(function) __attribute__((malloc(function, 1)))
#define ZMALLOC_ATTR_FREED_BY2(function) __attribute__((malloc(function, 2)))
#else
#define ZMALLOC_ATTR_FREED_BY(function)
#define ZMALLOC_ATTR_FREED_BY2(function)
#endif

#if ZMALLOC_HAS_ATTRIBUTE(alloc_size)
#define ZMALLOC_ATTR_ALLOC_SIZE(arg) __attribute__((alloc_size(arg)))
#define ZMALLOC_ATTR_ALLOC_SIZE2(num, arg) __attribute__((alloc_size(num, arg)))
#else
#define ZMALLOC_ATTR_ALLOC_SIZE(arg)
#define ZMALLOC_ATTR_ALLOC_SIZE2(num, arg)
#endif

#if ZMALLOC_HAS_ATTRIBUTE(alloc_align)
#define ZMALLOC_ATTR_ALLOC_ALIGN(arg) __attribute__((alloc_align(arg)))
#else
#define ZMALLOC_ATTR_ALLOC_ALIGN(arg)
#endif

#if ZMALLOC_HAS_ATTRIBUTE(warn_unused_result)
#define ZMALLOC_ATTR_USE_RESULT __attribute__((warn_unused_result))
#else
#define ZMALLOC_ATTR_USE_RESULT
#endif

/* Declares a function under another symbol than its name. */
#if defined(__GNUC__)
#define ZMALLOC_STRINGIFY_VALUE(x) #x
#define ZMALLOC_STRINGIFY(x) ZMALLOC_STRINGIFY_VALUE(x)
#define ZMALLOC_SYMBOL(name) __asm__(ZMALLOC_STRINGIFY(__USER_LABEL_PREFIX__) #name)
#endif

/* For the calls that allocate. The resizing calls are not named: gcc would take
 * the block for freed where they failed. */
#define ZMALLOC_ATTR_ALLOCATES                                                                     \
    ZMALLOC_API ZMALLOC_ATTR_MALLOC ZMALLOC_ATTR_FREED_BY(zfree)                                   \
        ZMALLOC_ATTR_FREED_BY(zfree_with_size) ZMALLOC_ATTR_FREED_BY(zfree_no_tcache)              \
            ZMALLOC_ATTR_USE_RESULT
#define ZMALLOC_ATTR_REALLOCATES ZMALLOC_API ZMALLOC_ATTR_USE_RESULT

/* ---- Freeing ---------------------------------------------------------------------------- */

/* Frees a block; NULL is fine. Keeps errno, also where the allocator's own free does not, as do
 * zfree_with_size, zfree_no_tcache and zrealloc to 0 bytes. (POSIX.1-2024 asks it of free.) Redis:
 * zfree. */
ZMALLOC_API void zfree(void *block);

/* Frees a block whose usable size the caller knows, which saves a query where there is one.
 * `usable` must be what zmalloc_usable() says of the block, or what an _at_least call stored for
 * it; any other value makes the total wrong and, on some backends, corrupts the heap. NULL is fine.
 * Redis: zfree_with_usize. */
ZMALLOC_API void zfree_with_size(void *block, size_t usable);

/* Frees a block straight to its arena, bypassing the thread cache, so that the memory can be
 * reused or returned to the system at once. Takes any block, not only those of zmalloc_no_tcache.
 * The same as zfree where the backend has no such call (all but jemalloc). Redis:
 * zfree_no_tcache. Idea: jemalloc's MALLOCX_TCACHE_NONE. */
ZMALLOC_API void zfree_no_tcache(void *block);

/* The free() that the C library itself would call, for memory that the C library gave:
 * backtrace_symbols(), getline(), strdup(). That is the program's or a preloaded library's where
 * one replaces it, however this library was loaded. Nothing is counted. Redis: zlibc_free. */
ZMALLOC_API void zlibc_free(void *block);

/* ---- Resizing ---------------------------------------------------------------------------- */

/* Resizes a block to hold n bytes and returns where it is now; the bytes both sizes share are kept,
 * an alignment asked of zaligned_alloc is not. block NULL allocates; n 0 frees and returns NULL,
 * which is not a failure. On failure the out-of-memory handler is called with n and, if it returns,
 * so does this with NULL and errno ENOMEM; the old block is intact. Redis: zrealloc. */
ZMALLOC_ATTR_REALLOCATES ZMALLOC_ATTR_ALLOC_SIZE(2) void *zrealloc(void *block, size_t n);

/* As zrealloc, without the handler: NULL and errno ENOMEM on failure. Redis: ztryrealloc. */
ZMALLOC_ATTR_REALLOCATES ZMALLOC_ATTR_ALLOC_SIZE(2) void *ztryrealloc(void *block, size_t n);

/* zrealloc and ztryrealloc to num * n bytes. A product that does not fit size_t fails as out of
 * memory, and the handler is told SIZE_MAX; a product of 0 frees. Source: reallocarray of OpenBSD
 * and POSIX 2024; 0 always frees here. */
ZMALLOC_ATTR_REALLOCATES
ZMALLOC_ATTR_ALLOC_SIZE2(2, 3) void *zreallocarray(void *block, size_t num, size_t n);
ZMALLOC_ATTR_REALLOCATES
ZMALLOC_ATTR_ALLOC_SIZE2(2, 3) void *ztryreallocarray(void *block, size_t num, size_t n);

/* As zrealloc, and stores the usable size (0 on failure and when n is 0) in *usable, unless that is
 * NULL. See zmalloc_at_least. Redis: zrealloc_usable. */
ZMALLOC_ATTR_REALLOCATES void *zrealloc_at_least(void *block, size_t n, size_t *usable);

/* As zrealloc_at_least, without the handler. Redis: ztryrealloc_usable. */
ZMALLOC_ATTR_REALLOCATES void *ztryrealloc_at_least(void *block, size_t n, size_t *usable);

/* ---- Allocating -------------------------------------------------------------------------- */

/* A block of n bytes, contents undefined. On failure the out-of-memory handler is called with n; if
 * it returns, this gives NULL with errno ENOMEM. Redis: zmalloc. */
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_SIZE(1) void *zmalloc(size_t n);

/* A block of num * n bytes, all zero. A product that does not fit size_t fails as out of memory,
 * and the handler is told SIZE_MAX. Redis: zcalloc_num. */
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_SIZE2(1, 2) void *zcalloc_num(size_t num, size_t n);

/* A block of n bytes aligned to `align`, a power of two; n need not be a multiple of it. A bad
 * alignment gives NULL with errno EINVAL, without the handler: more memory would not help. Anything
 * else fails as zmalloc does. Source: C11 aligned_alloc (7.22.3.1). */
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_ALIGN(1)
    ZMALLOC_ATTR_ALLOC_SIZE(2) void *zaligned_alloc(size_t align, size_t n);

/* As zmalloc, zcalloc, zcalloc_num and zaligned_alloc, without the handler: NULL and errno ENOMEM
 * on failure, EINVAL for a bad alignment. Redis: ztrymalloc, ztrycalloc. */
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_SIZE(1) void *ztrymalloc(size_t n);
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_SIZE(1) void *ztrycalloc(size_t n);
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_SIZE2(1, 2) void *ztrycalloc_num(size_t num, size_t n);
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_ALIGN(1)
    ZMALLOC_ATTR_ALLOC_SIZE(2) void *ztryaligned_alloc(size_t align, size_t n);

/* As zmalloc and zcalloc, and store in *usable, unless that is NULL, how many bytes the caller may
 * use: at least n, often more, all of them zero after zcalloc_at_least; 0 on failure.
 *
 * These are the way to use the whole of a block: they carry no alloc_size attribute, so a program
 * built with _FORTIFY_SOURCE=3 may write past n, up to *usable. For a block from zmalloc(n) the
 * compiler believes n, whatever zmalloc_usable() says. Redis: zmalloc_usable, zcalloc_usable. */
ZMALLOC_ATTR_ALLOCATES void *zmalloc_at_least(size_t n, size_t *usable);
ZMALLOC_ATTR_ALLOCATES void *zcalloc_at_least(size_t n, size_t *usable);

/* The same without the handler. Redis: ztrymalloc_usable, ztrycalloc_usable. */
ZMALLOC_ATTR_ALLOCATES void *ztrymalloc_at_least(size_t n, size_t *usable);
ZMALLOC_ATTR_ALLOCATES void *ztrycalloc_at_least(size_t n, size_t *usable);

/* A block of n bytes from the arena, bypassing the thread cache, for memory that will be freed
 * on another thread or must not stay cached. The same as zmalloc where the backend has no such call
 * (all but jemalloc). Any freeing call takes it. Redis: zmalloc_no_tcache. */
ZMALLOC_ATTR_ALLOCATES ZMALLOC_ATTR_ALLOC_SIZE(1) void *zmalloc_no_tcache(size_t n);

/* A copy of a string, which must not be NULL. zstrdup fails as zmalloc does, ztrystrdup as
 * ztrymalloc. Redis: zstrdup. */
ZMALLOC_ATTR_ALLOCATES char *zstrdup(const char *string);
ZMALLOC_ATTR_ALLOCATES char *ztrystrdup(const char *string);

/* A block of n bytes, all zero. Fails as zmalloc does. Redis: zcalloc.
 *
 * Its symbol is zmalloc_zcalloc, because static zlib has a `zcalloc` of another signature: a
 * program may link both and each call finds its own. */
#ifdef ZMALLOC_SYMBOL
ZMALLOC_ATTR_ALLOCATES
ZMALLOC_ATTR_ALLOC_SIZE(1) void *zcalloc(size_t n) ZMALLOC_SYMBOL(zmalloc_zcalloc);
#else
static inline void *zcalloc(size_t n)
{
    return zcalloc_num(1, n);
}
#endif

/* ---- Asking about a block ---------------------------------------------------------------- */

/* Bytes charged for a block: the amount by which zmalloc_used_memory() falls when it is freed.
 * Rounded up to sizeof(long); 0 for NULL. Redis: zmalloc_size. */
ZMALLOC_API size_t zmalloc_size(const void *block);

/* Bytes the caller may use; 0 for NULL. See zmalloc_at_least about _FORTIFY_SOURCE. Two names of
 * one call. Redis: zmalloc_usable_size; its zmalloc_usable, since 7.0, is a call that allocates. */
ZMALLOC_API size_t zmalloc_usable(const void *block);
ZMALLOC_API size_t zmalloc_usable_size(const void *block);

/* The least usable size that a block of n bytes will have when it is fresh; n where that cannot be
 * told (glibc; allocators that move or pad blocks). For choosing how far to grow a buffer; it is no
 * argument for zfree_with_size. The first call may take a block from the allocator and give it
 * back, uncounted. Source: jemalloc's nallocx. */
ZMALLOC_API size_t zmalloc_good_size(size_t n);

/* ---- The total, and what the system says --------------------------------------------------- *
 *
 * No call that asks for a figure or a name is a cancellation point: a thread that is to be
 * cancelled gets its answer first, and no descriptor of it stays open. */

/* Bytes charged for all live blocks: the sum of their zmalloc_size(). Exact while no other thread
 * is in a call, else a value near the present one; never wraps below zero. Costs one load per
 * thread of the most that ever lived at once. Redis: zmalloc_used_memory. */
ZMALLOC_API size_t zmalloc_used_memory(void);

/* Does nothing: counting is always thread safe. Kept so that old callers compile. */
ZMALLOC_API void zmalloc_enable_thread_safeness(void);

typedef void zmalloc_oom_handler(size_t n);

/* What to call when memory runs out, with the number of bytes asked for; NULL restores the default,
 * which prints `zmalloc: Out of memory trying to allocate N bytes` to stderr and aborts. Returns
 * the handler there was before, NULL for the default.
 *
 * The handler runs on the thread that failed, outside any lock of the library, which keeps no
 * memory of it. It may return (the call gives NULL), longjmp out, switch to another stack, end its
 * thread or the process, any number of times. Inside a handler the ztry calls are the ones to use:
 * zmalloc there calls the handler again when it fails, and so without end. One handler serves all
 * threads; setting it is atomic. Redis: zmalloc_set_oom_handler. */
ZMALLOC_API zmalloc_oom_handler *zmalloc_set_oom_handler(zmalloc_oom_handler *handler);

/* Resident bytes of this process, huge pages (Linux's hugetlb) included. Where the system has no
 * way to tell, the used total; 0 with errno set when asking failed. The first huge pages that a
 * system gets may be missed for a second. Redis: zmalloc_get_rss. */
ZMALLOC_API size_t zmalloc_get_rss(void);

/* Resident bytes / used total; 0 when nothing is used or RSS is not to be had. Redis:
 * zmalloc_get_fragmentation_ratio. */
ZMALLOC_API double zmalloc_get_fragmentation_ratio(void);

/* Private dirty bytes of process `pid`, -1 for this one: the pages that a fork has to copy, huge
 * pages included. 0 with errno set on failure (ENOSYS where the system does not tell, else why the
 * process could not be read). Redis: zmalloc_get_private_dirty. */
ZMALLOC_API size_t zmalloc_get_private_dirty(long pid);

/* Sum over all mappings of one field of /proc/PID/smaps, in bytes, for example "Rss:", which
 * there leaves out huge pages; pid -1 is this process. 0 with errno set on failure: EINVAL for
 * a malformed field or pid, ENODATA for a field that smaps does not have, ENOENT for no such
 * process, ESRCH for one that has ended and was not waited for, EACCES, ENOSYS where the system has
 * nothing like it. macOS has Rss, Private_Dirty, Shared_Dirty and Swap. SIZE_MAX where the sum does
 * not fit. Redis: zmalloc_get_smap_bytes_by_field. */
ZMALLOC_API size_t zmalloc_get_smap_bytes_by_field(const char *field, long pid);

/* What the allocator itself says, in bytes: handed out, in pages that hold at least one block, and
 * resident; allocated <= active <= resident. 0 is stored for a figure that it does not tell, and
 * any pointer may be NULL. Returns 1 where it tells any, else 0. These cover the allocator's every
 * user in the process, not only this library.
 *
 * jemalloc and tcmalloc tell all three, glibc (2.33 and newer) and macOS `allocated` alone, other C
 * libraries and mimalloc none. Redis: zmalloc_get_allocator_info. */
ZMALLOC_API int zmalloc_get_allocator_info(size_t *allocated, size_t *active, size_t *resident);

/* Makes the allocator give back to the system what it holds free: jemalloc and glibc all pages,
 * tcmalloc but for what threads have cached, mimalloc whole segments of the calling thread and of
 * those that ended, macOS what its zones see fit; other C libraries have no such call. Takes long
 * where there is much. Keeps errno. Idea: jemalloc's arena.<i>.purge, glibc's malloc_trim. */
ZMALLOC_API void zmalloc_purge(void);

/* Hands the allocator's own report to write(context, text), in one piece or more: jemalloc's
 * malloc_stats_print, gperftools' GetStats, mimalloc's mi_stats_print_out, glibc's malloc_info
 * (XML), the sums of macOS's zones. A text is the library's, and there while `write` runs, which
 * may allocate and free, and must return. Takes memory for the text from the allocator, uncounted.
 * Returns 0; -1 with errno EINVAL where `write` is NULL, ENOSYS where there is no report (other C
 * libraries, another malloc in the place of glibc's), ENOMEM. Redis: MEMORY MALLOC-STATS. */
ZMALLOC_API int zmalloc_print_stats(void (*write)(void *context, const char *text), void *context);

/* jemalloc's mallctl, of the jemalloc that the library is on, with its result: 0 or an error number
 * (errno is kept). ENOSYS on other backends. What it changes may break what the library relies on:
 * read jemalloc(3). Redis: DEBUG MALLCTL. Source: jemalloc's mallctl. */
ZMALLOC_API int zmalloc_mallctl(const char *name, void *oldp, size_t *oldlenp, void *newp,
                                size_t newlen);

/* All figures at once, in bytes. */
struct zmalloc_info {
    /* ZMALLOC_INFO_TOTAL. In a limit 0 means none. */
    uint64_t used;       /* zmalloc_used_memory() */
    uint64_t peak;       /* zmalloc_get_peak_memory() */
    uint64_t hard_limit; /* zmalloc_get_hard_limit() */
    uint64_t soft_limit; /* zmalloc_get_soft_limit() */
    /* ZMALLOC_INFO_SYSTEM: what the system does not tell is ZMALLOC_UNKNOWN, where the single
     * calls return 0 or, for rss, the used total. A 32-bit program may get SIZE_MAX for what it
     * cannot count. */
    uint64_t rss;          /* resident, as zmalloc_get_rss() */
    uint64_t memory_size;  /* zmalloc_get_memory_size() */
    uint64_t memory_limit; /* zmalloc_get_memory_limit() */
    /* ZMALLOC_INFO_ALLOCATOR, as zmalloc_get_allocator_info. */
    uint64_t allocated;
    uint64_t active;
    uint64_t resident;
    uint64_t retained; /* addresses kept of pages given back to the system: jemalloc */
    uint64_t muzzy;    /* free pages that the system may take back when it needs them: jemalloc */
};

/* What zmalloc_get_info is to ask for; combine them with |. */
enum {
    ZMALLOC_INFO_TOTAL = 1,
    ZMALLOC_INFO_SYSTEM = 2,   /* some system calls */
    ZMALLOC_INFO_ALLOCATOR = 4 /* may take long on glibc: mallinfo2 walks all free chunks */
};

/* A figure that was not asked for, that nobody tells, or that the loaded library does not know. */
#define ZMALLOC_UNKNOWN UINT64_MAX

/* Fills in *info, of which the caller knows `size` bytes: sizeof *info. A library may know fewer
 * fields or more than the header a program was built with. Bits of `what` that the library does not
 * know ask for nothing. Returns 0; -1 with errno EINVAL where info is NULL or size is not a
 * positive multiple of 8. allocated <= active <= resident where they are told. */
ZMALLOC_API int zmalloc_get_info(struct zmalloc_info *info, size_t size, unsigned what);

/* Physical memory of the machine in bytes, SIZE_MAX where a 32-bit program cannot count it; 0 when
 * the system does not tell. Redis: zmalloc_get_memory_size. */
ZMALLOC_API size_t zmalloc_get_memory_size(void);

/* The memory that this process may use, in bytes: the least of the machine's and, on Linux, of the
 * limits of the control groups (versions 1 and 2) that the process is in, as far as it can see
 * them. 0 when neither is known, or a group allows nothing. A limit that cannot be read, as without
 * the right to or with a path of 1,000 bytes, is not applied. Reads some files; limits may change
 * at any time. */
ZMALLOC_API size_t zmalloc_get_memory_limit(void);

/* ---- Keeping within a bound --------------------------------------------------------------- *
 *
 * A thread counts by itself and looks at what all have in use every 64 KiB or so. That is what the
 * bounds below cost, set or not: two instructions an allocation, spread over all. With
 * -Daccounting=atomic or mutex every call looks, and all is exact. */

/* The total may not go above this; 0 (the default) is no limit. An allocation that would take it
 * there, by any call that allocates or resizes, fails as out of memory; a block that was to be
 * resized is intact. The total is never above the limit, not for a moment, whatever threads do. A
 * request above 1/32 of the limit, or any within 1/16 of it, is refused before the allocator is
 * asked. Where the allocator does not tell what a block will have, zrealloc copies to a fresh one.
 *
 * With one thread a request fails only if it would not fit. With more, up to 1/64 of the limit may
 * stay unused. Calls that other threads began before the limit was set count as made before it, as
 * do the up to 64 KiB that each was allowed to allocate before it looks: a limit set with less room
 * than that above the total may be passed by so much. Set below the total it frees nothing, and all
 * fails until enough was freed. */
ZMALLOC_API void zmalloc_set_hard_limit(size_t bytes);
ZMALLOC_API size_t zmalloc_get_hard_limit(void);

/* Calls passed(used, context) each time that the total passes `bytes`; 0 (the default) is never.
 * That is on the thread whose allocation passed it, in that call, after the block is counted, and
 * within 64 KiB a thread of the crossing; with one thread in the very call. Set below the total, it
 * is passed by the next call that looks.
 *
 * The function may call anything: free, allocate, set limits, this one too. If it leaves by longjmp
 * the block is lost; in zrealloc the old one is gone too. It is not called again before a look
 * found the total at or below the limit, or it was set anew: the total may be below for up to
 * 64 KiB a thread, and above again, unseen. Limit, function and context change together; the old
 * function may still be running on another thread. */
ZMALLOC_API void zmalloc_set_soft_limit(size_t bytes, void (*passed)(size_t used, void *context),
                                        void *context);
ZMALLOC_API size_t zmalloc_get_soft_limit(void);

/* The highest total since the start or the last reset, which begins anew with the present one.
 * Never below a total that was reported; else up to 64 KiB a thread from the true one, with one
 * thread no more than 1/16 of it or 4 KiB, whichever is more. Where freeing tells a block's size
 * (see docs/backends.md) a block that a thread is just freeing may be in it too. Redis:
 * used_memory_peak of INFO. */
ZMALLOC_API size_t zmalloc_get_peak_memory(void);
ZMALLOC_API void zmalloc_reset_peak_memory(void);

/* Counts memory from elsewhere, as of mmap, into the total: n bytes as they are, not rounded. It
 * joins as an allocation does, but no rule of zmalloc_fail is for it. Returns 0; -1 with errno
 * ENOMEM where the hard limit refuses, n is above PTRDIFF_MAX or the total would not fit. */
ZMALLOC_API int zmalloc_charge(size_t n);

/* Takes n bytes of what was charged out of the total. */
ZMALLOC_API void zmalloc_discharge(size_t n);

/* What the calling thread allocated and freed so far, in bytes, modulo SIZE_MAX + 1: only
 * differences mean anything, as size_t, as the counts go on from those of an earlier thread. Either
 * pointer may be NULL. Returns 0; -1 with errno ENOSYS where one counter serves all threads
 * (-Daccounting=atomic, mutex), or there is none for this one. Source: jemalloc's
 * thread.allocated, thread.deallocated. */
ZMALLOC_API int zmalloc_get_thread_memory(uint64_t *allocated, uint64_t *freed);

/* ---- Groups ------------------------------------------------------------------------------- *
 *
 * A total, a peak and a limit of its own for a Lua state, a parser, a tenant, a query: who holds
 * it? A block of a group is charged to it, to its parent and so on, and to the total like any
 * other, with all that is said of ztrymalloc; beside that a call is one atomic addition on each
 * level, and an allocation two more where any of them has a limit or the hard one may refuse. Where
 * NULL is passed for a group, there is none: the calls are the ordinary ones, the figures 0. Any
 * thread may use any group at any time; what uses a group must have ended before it is destroyed,
 * but for frees: see zgroup_destroy. While a thread is in a call, others may be refused what it has
 * taken room for, for a moment twice that. Idea: the kernel's memory control groups, talloc. */

/* Opaque; a group belongs to who created it. */
typedef struct zgroup zgroup;

/* A group within `parent`, or within none for NULL, of at most `limit` bytes, 0 for no limit. The
 * name is copied; several groups may bear the same. The group itself is a block of the total, in
 * no group. NULL with errno ENOMEM; EINVAL without a name; EDEADLK within zgroup_each, or from a
 * fork handler registered before the library was loaded while another thread visits. NULL must
 * not be passed on: for the other calls, and as a parent, that is no group and no limit. */
ZMALLOC_API ZMALLOC_ATTR_USE_RESULT zgroup *zgroup_new(const char *name, zgroup *parent,
                                                       size_t limit);

/* Ends a group that holds nothing. Returns 0, also for NULL; -1 with errno EBUSY while it holds
 * bytes or children, which lose nothing; EDEADLK as zgroup_new. While other threads free its
 * last blocks, by zgroup_free or zgroup_discharge, one thread may try until it is no longer busy.
 */
ZMALLOC_API int zgroup_destroy(zgroup *group);

/* Frees a block of this group, which must be the one it came from; NULL is fine. Keeps errno. */
ZMALLOC_API void zgroup_free(zgroup *group, void *block);

#define ZMALLOC_ATTR_ALLOCATES_IN_GROUP                                                            \
    ZMALLOC_API ZMALLOC_ATTR_MALLOC ZMALLOC_ATTR_FREED_BY2(zgroup_free) ZMALLOC_ATTR_USE_RESULT

/* As ztrymalloc, ztrycalloc_num and ztryaligned_alloc; over a limit of the group, of one of its
 * parents or of the process they give NULL with errno ENOMEM. A block that is refused is in no
 * group's figure, not for a moment. zgroup_free() frees them, also where the group is NULL: gcc
 * warns of another. */
ZMALLOC_ATTR_ALLOCATES_IN_GROUP
ZMALLOC_ATTR_ALLOC_SIZE(2) void *zgroup_malloc(zgroup *group, size_t n);
ZMALLOC_ATTR_ALLOCATES_IN_GROUP
ZMALLOC_ATTR_ALLOC_SIZE2(2, 3) void *zgroup_calloc(zgroup *group, size_t num, size_t n);
ZMALLOC_ATTR_ALLOCATES_IN_GROUP ZMALLOC_ATTR_ALLOC_ALIGN(2)
    ZMALLOC_ATTR_ALLOC_SIZE(3) void *zgroup_aligned_alloc(zgroup *group, size_t align, size_t n);

/* As ztryrealloc, for a block of this group. Within a limit the block may be copied to a fresh one,
 * as with a hard limit: both are there for a moment, and one of them is charged. */
ZMALLOC_ATTR_REALLOCATES
ZMALLOC_ATTR_ALLOC_SIZE(3) void *zgroup_realloc(zgroup *group, void *block, size_t n);

/* Counts memory from elsewhere into the group and the total, as zmalloc_charge; it is to be taken
 * out of the same group. Returns 0; -1 with errno ENOMEM. */
ZMALLOC_API int zgroup_charge(zgroup *group, size_t n);
ZMALLOC_API void zgroup_discharge(zgroup *group, size_t n);

/* Bytes charged to the group and all within it. Exact while no other thread is in a call, and with
 * others a value that it had. */
ZMALLOC_API size_t zgroup_used(const zgroup *group);

/* The highest of these since the start or the last reset, which begins anew with the present one.
 * Where freeing tells a block's size, one that a thread is just freeing may be in it too. */
ZMALLOC_API size_t zgroup_peak(const zgroup *group);
ZMALLOC_API void zgroup_reset_peak(zgroup *group);

/* The limit in bytes, 0 for none, as is SIZE_MAX, which reads back as 0. Set below what is used it
 * frees nothing, and all fails until enough was freed. A call that another thread is in may still
 * go by the old limit. */
ZMALLOC_API size_t zgroup_get_limit(const zgroup *group);
ZMALLOC_API void zgroup_set_limit(zgroup *group, size_t bytes);

/* The name and the parent that it was created with, as long as it lives. */
ZMALLOC_API const char *zgroup_name(const zgroup *group);
ZMALLOC_API zgroup *zgroup_parent(const zgroup *group);

/* Calls visit(group, context) for every group there is, the latest first, until a result is not 0,
 * and returns that; 0 after all. `visit` may do what it likes but create and destroy groups, nor
 * may a soft limit's function or an out-of-memory handler that it sets off, and all must return.
 * Other threads that create or destroy wait meanwhile; forks do not. No cancellation point. */
ZMALLOC_API int zgroup_each(int (*visit)(zgroup *group, void *context), void *context);

/* ---- Samples ------------------------------------------------------------------------------ *
 *
 * Who asked for the memory that is in use? One block in about every mean_bytes allocated is
 * sampled, by chance (a Poisson process over bytes), on every allocator alike: large ones nearly
 * always, small ones seldom, so that each stands for about so many bytes. A sampled block is
 * aligned to 4,096, and is charged what that takes; one that does not fit a limit is not sampled.
 * Who asked is the stack, up to 64 frames, of which the library's own calls are left out where it
 * is a shared one. A profiler outside of the process may watch the same samples by the probes
 * otel_memory:alloc and otel_memory:free, with no call of the program's. What it costs:
 * docs/explaining.md. Idea: gperftools' and jemalloc's heap profiles, OpenTelemetry's memory
 * probes. */

/* Begins to sample for this process's own profile; 0 stands for 524288. Returns 0, also where a
 * profile of that mean runs; -1 with errno EBUSY where one of another does, ENOMEM, or ENOSYS with
 * -Daccounting=mutex or where no stack can be had. Any thread may call any of these at any time. */
ZMALLOC_API int zmalloc_profile_start(size_t mean_bytes);

/* Ends sampling. What was sampled stays known until it is freed. */
ZMALLOC_API void zmalloc_profile_stop(void);

/* Writes the samples that live, of the profile that runs or ran last, as text of the form heap_v2
 * that google-pprof and pprof read; samples under another mean than its own are left out. The
 * descriptor stays open. Returns 0; -1 with errno EINVAL before there was any profile, ENOMEM,
 * ENOSYS as above, what write() says, or open() of the system's list of mappings, which comes last.
 * The table of samples and the text take memory from the system alone, which is not in the total.
 * No cancellation point. */
ZMALLOC_API int zmalloc_profile_write(int fd);

/* ---- Failing on purpose ------------------------------------------------------------------- *
 *
 * For tests of what a program does when there is no memory. An allocation that fails by a rule
 * fails like any other: zmalloc calls the out-of-memory handler, ztrymalloc gives NULL with ENOMEM,
 * a block that was to be resized is intact. Every call counts that allocates, or resizes to more
 * than 0 bytes, and passed the checks of its arguments. Without a rule this costs nothing that can
 * be measured, on x86-64 no instruction in zmalloc and zfree; after the first rule of a process its
 * calls take a few nanoseconds more. Idea: SQLite's tests,
 * https://sqlite.org/testing.html#_oom_testing. */

/* Whose allocations a rule is for. The two rules are apart, and either may fail an allocation. */
enum { ZMALLOC_THIS_THREAD, ZMALLOC_ALL_THREADS };

/* What a rule fails. "From now" begins with the call that sets it. */
enum {
    ZMALLOC_FAIL_NONE,  /* nothing: ends a rule; n is ignored */
    ZMALLOC_FAIL_NTH,   /* the nth from now, once: 1 is the next */
    ZMALLOC_FAIL_EVERY, /* every nth from now; 1 is each */
    ZMALLOC_FAIL_ABOVE  /* each that asks for more than n bytes */
};

/* Replaces the rule of the calling thread or of all threads. A thread's own ends when it does.
 * Returns 0; -1 with errno EINVAL, leaving the rule, for an unknown `threads` or rule, or an n of 0
 * with NTH or EVERY. Any thread may set the rule of all at any time; what other threads allocate
 * meanwhile counts for either. */
ZMALLOC_API int zmalloc_fail(int threads, int rule, size_t n);

/* How many allocations that rule has failed since it was set, also after it was ended; 0 for
 * `threads` that there are not. */
ZMALLOC_API size_t zmalloc_failed(int threads);

/* Runs work(context) with its 1st allocation failing, then with its 2nd, its 3rd ..., until a run
 * completes without a failure. Each run must give back all that it took: returns 0 if all did; 1 as
 * soon as zmalloc_used_memory() is not what it was before the run, to the byte; -1 with errno
 * EINVAL for a bad `threads`. Stores in *nth, where it is not NULL, which allocation was to fail in
 * the last run: after 0, one more than the work makes. With ZMALLOC_ALL_THREADS the work may
 * allocate on threads of its own; in both, no other thread may allocate or free meanwhile. The work
 * must return, and so must the handler, where the work uses calls that tell it: the default one
 * ends the process. The rule that `threads` had before is gone afterwards; the other scope should
 * have none.
 *
 *     size_t nth;
 *     if (zmalloc_fail_each(ZMALLOC_THIS_THREAD, load_and_unload, "config", &nth) != 0)
 *         printf("memory is lost when allocation %zu fails\n", nth);
 */
ZMALLOC_API int zmalloc_fail_each(int threads, void (*work)(void *context), void *context,
                                  size_t *nth);

/* ---- Names and versions ----------------------------------------------------------------- */

/* Name and version of the allocator that is loaded, not of the header the library was built with:
 * "jemalloc-5.3.0", "tcmalloc-2.10", "mimalloc-2.0.9", "libc". A static string.
 * Redis: ZMALLOC_LIB. */
ZMALLOC_API const char *zmalloc_lib(void);
#define ZMALLOC_LIB zmalloc_lib()

/* Version of this library, "0.1.0". A static string. */
ZMALLOC_API const char *zmalloc_version(void);

#ifdef __cplusplus
}
#endif

#endif
