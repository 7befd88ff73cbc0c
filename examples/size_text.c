#define _POSIX_C_SOURCE 200809L

#include "size_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

enum size_text read_size(const char *text, size_t *bytes)
{
    static const char *const units[] = {"", "b", "k", "kb", "m", "mb", "g", "gb"};
    static const size_t factors[] = {1, 1, 1000, 1024, 1000000, 1048576, 1000000000, 1073741824};
    char *unit;
    size_t i = 0;
    errno = 0;
    unsigned long long number = strtoull(text, &unit, 10);
    while (i < 8 && strcasecmp(unit, units[i]) != 0)
        i++;
    if (i == 8 || !isdigit((unsigned char)text[0]))
        return SIZE_NOT_ONE;
    if (errno || number > SIZE_MAX / factors[i])
        return SIZE_TOO_LARGE;
    *bytes = (size_t)number * factors[i];
    return SIZE_READ;
}
