/* What the compiler can be told, each with a spelling that any C11 compiler takes. */
#ifndef ZM_COMPILER_H
#define ZM_COMPILER_H

#if defined(__GNUC__) || defined(__clang__)
#define ZM_LIKELY(x) __builtin_expect(!!(x), 1)
#define ZM_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ZM_COLD __attribute__((cold, noinline))
#define ZM_CONSTRUCTOR __attribute__((constructor))
#define ZM_ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define ZM_LIKELY(x) (x)
#define ZM_UNLIKELY(x) (x)
#define ZM_COLD
#define ZM_ALWAYS_INLINE inline
#endif

#endif
