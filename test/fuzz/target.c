#include "target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without this the sanitizer ends the process where a target asks for too much on purpose. */
const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

void found_wrong(const char *file, int line, const char *format, ...)
{
    const char *slash = strrchr(file, '/');
    fprintf(stderr, "%s:%d: ", slash ? slash + 1 : file, line);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}

unsigned take_byte(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

static struct text take(struct input *input, size_t length)
{
    struct text text = {.at = malloc(length), .length = length};
    must(text.at || length == 0, "no memory for the input");
    if (length > 0)
        memcpy(text.at, input->at, length);
    input->at += length;
    return text;
}

struct text take_rest(struct input *input)
{
    return take(input, (size_t)(input->end - input->at));
}

struct text take_until(struct input *input, char last)
{
    size_t left = (size_t)(input->end - input->at);
    const uint8_t *found = left > 0 ? memchr(input->at, last, left) : NULL;
    if (!found)
        return take_rest(input);
    struct text text = take(input, (size_t)(found - input->at));
    input->at++;
    return text;
}

char *as_string(struct text text, char instead)
{
    char *string = malloc(text.length + 1);
    must(string, "no memory for the input");
    for (size_t i = 0; i < text.length; i++)
        string[i] = text.at[i] ? text.at[i] : instead;
    string[text.length] = '\0';
    return string;
}

size_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}
