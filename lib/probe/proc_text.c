#include "probe/proc_text.h"

#include <stdint.h>
#include <string.h>

/* In every parser `at` runs to `end`, and NULL stands for a text that is not of the form. */

static const char *skip_spaces(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

static const char *skip_word(const char *at, const char *end)
{
    while (at < end && *at != ' ' && *at != '\n')
        at++;
    return at;
}

static const char *parse_number(const char *at, const char *end, size_t *number)
{
    const char *start = at;
    size_t value = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        size_t digit = (size_t)(*at - '0');
        if (value > (SIZE_MAX - digit) / 10)
            return NULL;
        value = value * 10 + digit;
    }
    *number = value;
    return at > start ? at : NULL;
}

/* The field that `skipped` others, each ended by a space, stand before. */
static int number_in_field(const char *at, const char *end, int skipped, size_t *number)
{
    for (; skipped > 0; skipped--)
        at = skip_spaces(skip_word(at, end), end);
    size_t value;
    const char *after = parse_number(at, end, &value);
    if (!after || (after < end && *after != ' ' && *after != '\n'))
        return -1;
    *number = value;
    return 0;
}

int zm_statm_resident(const char *text, size_t length, size_t *pages)
{
    return number_in_field(text, text + length, 1, pages);
}

int zm_stat_resident(const char *text, size_t length, size_t *pages)
{
    const char *end = text + length;
    const char *at = end;
    while (at > text && at[-1] != ')')
        at--;
    if (at == text)
        return -1;
    /* proc(5): rss is field 24; the name is field 2 and ends here. */
    return number_in_field(skip_spaces(at, end), end, 24 - 3, pages);
}

size_t zm_saturating_add(size_t a, size_t b)
{
    return b > SIZE_MAX - a ? SIZE_MAX : a + b;
}

/* A line such as "Rss:      4 kB"; any other is not for us, nor an error. */
static void add_line(struct zm_smaps_sum *sum, const char *at, const char *end)
{
    if ((size_t)(end - at) <= sum->field_length || at[sum->field_length] != ':'
        || memcmp(at, sum->field, sum->field_length) != 0)
        return;
    size_t kibibytes;
    at = parse_number(skip_spaces(at + sum->field_length + 1, end), end, &kibibytes);
    if (!at || end - at != 3 || memcmp(at, " kB", 3) != 0)
        return;
    sum->found = 1;
    size_t bytes = kibibytes > SIZE_MAX / 1024 ? SIZE_MAX : kibibytes * 1024;
    sum->bytes = zm_saturating_add(sum->bytes, bytes);
}

size_t zm_smaps_add(struct zm_smaps_sum *sum, const char *text, size_t length)
{
    const char *at = text;
    const char *end = text + length;
    const char *newline;
    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
        add_line(sum, at, newline);
        at = newline + 1;
    }
    return (size_t)(at - text);
}

/* Every line is looked at for each sum, and ends at the same place for all. */
static size_t add_to_each(struct zm_smaps_sum *sums, size_t count, const char *text, size_t length)
{
    size_t taken = 0;
    for (size_t i = 0; i < count; i++)
        taken = zm_smaps_add(&sums[i], text, length);
    return taken;
}

/* A mapping's line holds a path, which may be longer than the buffer: it goes by in pieces, each
 * behind a colon, which no field begins with, so that no piece is taken for one. */
size_t zm_smaps_add_piece(struct zm_smaps_sum *sums, size_t count, char *buffer, size_t size,
                          size_t length)
{
    size_t taken = add_to_each(sums, count, buffer, length);
    size_t left = length - taken;
    if (left == size) {
        buffer[0] = ':';
        return 1;
    }
    memmove(buffer, buffer + taken, left);
    return left;
}
