/* Which sanitizer the test was built for, 0 or 1 each. */
#ifndef UNDER_H
#define UNDER_H

#if defined(__has_feature)
#define UNDER_FEATURE(name) __has_feature(name)
#else
#define UNDER_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || UNDER_FEATURE(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER 1
#else
#define UNDER_ADDRESS_SANITIZER 0
#endif

#if defined(__SANITIZE_THREAD__) || UNDER_FEATURE(thread_sanitizer)
#define UNDER_THREAD_SANITIZER 1
#else
#define UNDER_THREAD_SANITIZER 0
#endif

#if UNDER_FEATURE(memory_sanitizer)
#define UNDER_MEMORY_SANITIZER 1
#else
#define UNDER_MEMORY_SANITIZER 0
#endif

#endif
