/* errno for calls that have to put it back: POSIX 2024 has free leave it alone, and an allocator
 * whose madvise or munmap fails does not. On x86-64 with glibc without a call, as &errno is one:
 * all threads have it at the same distance from their thread pointer, as a variable of initial-exec
 * TLS. */
#ifndef ZM_KEEP_ERRNO_H
#define ZM_KEEP_ERRNO_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h"
#include "compiler.h"

#if ZM_X86_64_ASSEMBLY && defined(__GLIBC__)
#define ZM_ERRNO_IS_AT_OFFSET 1
#else
#define ZM_ERRNO_IS_AT_OFFSET 0
#endif

#if ZM_ERRNO_IS_AT_OFFSET

/* In bytes. Set before the fast path of freeing is opened. */
extern ZM_ATOMIC(ptrdiff_t) zm_errno_offset;

static inline void zm_find_errno(void)
{
    char *thread_pointer;
    __asm__("{movq %%fs:0, %0|mov %0, qword ptr fs:0}" : "=r"(thread_pointer));
    zm_store(&zm_errno_offset, (char *)&errno - thread_pointer);
}

static ZM_ALWAYS_INLINE int zm_get_errno(void)
{
    int value;
    __asm__ volatile("{movl %%fs:(%1), %0|mov %0, dword ptr fs:[%1]}"
                     : "=r"(value)
                     : "r"(zm_load(&zm_errno_offset))
                     : "memory");
    return value;
}

/* Returns the block that *kept was, and leaves errno there: in the same register, which compilers
 * would not do, and take 4 instructions more. */
static ZM_ALWAYS_INLINE void *zm_exchange_for_errno(uintptr_t *kept)
{
    void *block;
    __asm__ volatile("{movq %1, %0|mov %0, %1}\n\t{movl %%fs:(%2), %k1|mov %k1, dword ptr fs:[%2]}"
                     : "=&D"(block), "+r"(*kept)
                     : "r"(zm_load(&zm_errno_offset))
                     : "memory");
    return block;
}

static ZM_ALWAYS_INLINE void zm_put_errno(int value)
{
    __asm__ volatile("{movl %0, %%fs:(%1)|mov dword ptr fs:[%1], %0}"
                     :
                     : "r"(value), "r"(zm_load(&zm_errno_offset))
                     : "memory");
}

#else

static inline void zm_find_errno(void)
{
}

static ZM_ALWAYS_INLINE int zm_get_errno(void)
{
    return errno;
}

static ZM_ALWAYS_INLINE void *zm_exchange_for_errno(uintptr_t *kept)
{
    void *block = (void *)*kept;
    *kept = (uintptr_t)errno;
    return block;
}

static ZM_ALWAYS_INLINE void zm_put_errno(int value)
{
    errno = value;
}

#endif
#endif
