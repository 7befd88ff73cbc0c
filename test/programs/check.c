#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Without these the sanitizers end the process where a program asks for too much on purpose. */
const char *__asan_default_options(void);
const char *__msan_default_options(void);
const char *__tsan_default_options(void);

__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

__attribute__((visibility("default"))) const char *__msan_default_options(void)
{
    return "allocator_may_return_null=1";
}

__attribute__((visibility("default"))) const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

void fail(const char *file, int line, const char *format, ...)
{
    const char *slash = strrchr(file, '/');
    char message[512];
    int length = snprintf(message, sizeof message, "%s:%d: ", slash ? slash + 1 : file, line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message + length, sizeof message - (size_t)length, format, arguments);
    va_end(arguments);
    dprintf(STDERR_FILENO, "%s\n", message);
    _exit(1);
}

void skip(const char *reason)
{
    printf("Left out: %s\n", reason);
    fflush(stdout);
    _exit(77);
}

unsigned long argument(int argc, char **argv, int index, unsigned long otherwise)
{
    if (index >= argc)
        return otherwise;
    char *end;
    unsigned long value = strtoul(argv[index], &end, 10);
    require(value > 0 && *end == '\0', "argument %d, \"%s\", is not a count above 0", index,
            argv[index]);
    return value;
}

unsigned long iterations(int argc, char **argv, unsigned long usual)
{
    const char *slowdown = getenv("ZM_TEST_SLOWDOWN");
    unsigned long fewer = slowdown ? usual / strtoul(slowdown, NULL, 10) : usual;
    return argument(argc, argv, 1, fewer > 2 ? fewer : 2);
}

uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x9e3779b97f4a7c15u >> 16;
}
