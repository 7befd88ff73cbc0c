/* Sizes such as "64mb", as examples/cache.c reads them. The input is the text. */
#include "../../examples/size_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

/* The power of ten or two behind the number; 0 where it is no unit. */
static size_t factor_of(const char *unit)
{
    char folded[4] = "";
    if (strlen(unit) >= sizeof folded)
        return 0;
    for (size_t i = 0; unit[i]; i++)
        folded[i] = (char)(unit[i] >= 'A' && unit[i] <= 'Z' ? unit[i] + ('a' - 'A') : unit[i]);
    size_t base = folded[0] && folded[1] == 'b' && folded[0] != 'b' ? 1024 : 1000;
    if (folded[0] && strcmp(folded + 1, base == 1024 ? "b" : "") != 0)
        return 0;
    switch (folded[0]) {
    case '\0':
    case 'b':
        return 1;
    case 'k':
        return base;
    case 'm':
        return base * base;
    case 'g':
        return base * base * base;
    default:
        return 0;
    }
}

static enum size_text oracle(const char *text, size_t *bytes)
{
    size_t value = 0;
    bool overflows = false;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        overflows |= __builtin_mul_overflow(value, (size_t)10, &value);
        overflows |= __builtin_add_overflow(value, (size_t)(*at - '0'), &value);
    }
    size_t factor = factor_of(at);
    if (at == text || factor == 0)
        return SIZE_NOT_ONE;
    overflows |= __builtin_mul_overflow(value, factor, &value);
    if (overflows)
        return SIZE_TOO_LARGE;
    *bytes = value;
    return SIZE_READ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    struct text raw = take_until(&input, '\0');
    char *text = as_string(raw, '?');
    size_t expected = 77;
    size_t bytes = expected;
    enum size_text should = oracle(text, &expected);
    enum size_text result = read_size(text, &bytes);
    must(result == should, "'%s' gave %d, not %d", text, (int)result, (int)should);
    must(bytes == expected, "'%s' gave %zu bytes, not %zu", text, bytes, expected);
    free(text);
    free(raw.at);
    return 0;
}
