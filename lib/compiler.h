/* What the compiler can be told, each with a spelling that any C11 compiler takes. */
#ifndef ZM_COMPILER_H
#define ZM_COMPILER_H

#if defined(__GNUC__) || defined(__clang__)
#define ZM_LIKELY(x) __builtin_expect(!!(x), 1)
#define ZM_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ZM_COLD __attribute__((cold, noinline))
#define ZM_NOINLINE __attribute__((noinline))
#define ZM_RETURNS_NONNULL __attribute__((returns_nonnull))
#define ZM_ALWAYS_INLINE inline __attribute__((always_inline))
#define ZM_CONSTRUCTOR __attribute__((constructor))
#else
#define ZM_LIKELY(x) (x)
#define ZM_UNLIKELY(x) (x)
#define ZM_COLD
#define ZM_NOINLINE
#define ZM_RETURNS_NONNULL
#define ZM_ALWAYS_INLINE inline
#define ZM_CONSTRUCTOR /* does not run: all requests take the slow path */
#endif

/* One that runs before those without a priority: where the library is an archive, before those of
 * the program too. */
#if defined(__ELF__) && (defined(__GNUC__) || defined(__clang__))
#define ZM_CONSTRUCTOR_EARLY __attribute__((constructor(101)))
#else
#define ZM_CONSTRUCTOR_EARLY ZM_CONSTRUCTOR
#endif

/* A function that a tool looks for in what was built: neither inlined nor copied for some of its
 * callers. */
#if defined(__has_attribute)
#if __has_attribute(noclone)
#define ZM_ONE_COPY __attribute__((noinline, noclone))
#endif
#endif
#ifndef ZM_ONE_COPY
#define ZM_ONE_COPY ZM_NOINLINE
#endif

#if defined(__has_feature)
#define ZM_HAS_FEATURE(name) __has_feature(name)
#else
#define ZM_HAS_FEATURE(name) 0
#endif

/* For a function that gives an allocator the address of one of its words: a guard of the stack
 * would take 7 instructions in each call, and there is no array to run over. */
#if defined(__has_attribute)
#if __has_attribute(no_stack_protector)
#define ZM_NO_STACK_PROTECTOR __attribute__((no_stack_protector))
#endif
#endif
#ifndef ZM_NO_STACK_PROTECTOR
#define ZM_NO_STACK_PROTECTOR
#endif

/* A sanitizer must see every access: no assembly where one is on. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)                                  \
    || ZM_HAS_FEATURE(address_sanitizer) || ZM_HAS_FEATURE(thread_sanitizer)                       \
    || ZM_HAS_FEATURE(memory_sanitizer)
#define ZM_SANITIZED 1
#else
#define ZM_SANITIZED 0
#endif

#if defined(__SANITIZE_THREAD__) || ZM_HAS_FEATURE(thread_sanitizer)
#define ZM_THREAD_SANITIZED 1
#else
#define ZM_THREAD_SANITIZED 0
#endif

/* Each instruction in both dialects, for -masm=intel: {AT&T|Intel}. 64-bit longs too: not the x32
 * ABI. */
#if defined(__GNUC__) && defined(__x86_64__) && defined(__LP64__) && !ZM_SANITIZED
#define ZM_X86_64_ASSEMBLY 1
#else
#define ZM_X86_64_ASSEMBLY 0
#endif

/* Hides from the optimizer where a value comes from (as Linux's OPTIMIZER_HIDE_VAR). What it was
 * computed from then need not be kept over the next call, as gcc 12 and clang 14 do otherwise: 4
 * instructions. */
#if ZM_X86_64_ASSEMBLY
#define ZM_HIDE_VAR(x) __asm__("{mov %1, %0|mov %0, %1}" : "=r"(x) : "r"(x))
#else
#define ZM_HIDE_VAR(x) ((void)(x))
#endif

/* Keeps a copy of the first argument in its register up to the next call, which takes it there:
 * clang 14 moves it to and fro. */
#if ZM_X86_64_ASSEMBLY && defined(__clang__)
#define ZM_KEEP_ARGUMENT(x) __asm__("" : "+D"(x))
#else
#define ZM_KEEP_ARGUMENT(x) ((void)(x))
#endif

#endif
