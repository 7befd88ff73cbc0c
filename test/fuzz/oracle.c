#include "oracle.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct oracle_number none = {0};

/* A decimal number without a sign, and where it ends. */
static struct oracle_number number_at(const char *at, char **end)
{
    if (!isdigit((unsigned char)*at))
        return none;
    errno = 0;
    unsigned long long value = strtoull(at, end, 10);
    if (errno == ERANGE || value > SIZE_MAX)
        return none;
    return (struct oracle_number){true, (size_t)value};
}

/* The word after `skipped` others. A word goes to a space or the end of the line. */
static struct oracle_number number_in_word(const char *at, int skipped)
{
    while (skipped-- > 0) {
        at += strcspn(at, " \n");
        at += strspn(at, " \t");
    }
    char *end;
    struct oracle_number number = number_at(at, &end);
    return number.there && (*end == ' ' || *end == '\n' || *end == '\0') ? number : none;
}

struct oracle_number oracle_statm(struct text text)
{
    char *string = as_string(text, '?');
    struct oracle_number number = number_in_word(string, 1);
    free(string);
    return number;
}

struct oracle_number oracle_stat(struct text text)
{
    char *string = as_string(text, '?');
    char *name_end = strrchr(string, ')');
    struct oracle_number number = none;
    if (name_end) {
        name_end++;
        number = number_in_word(name_end + strspn(name_end, " \t"), 21);
    }
    free(string);
    return number;
}

bool can_be_field(struct text field)
{
    return field.length > 0 && !memchr(field.at, ':', field.length)
           && !memchr(field.at, '\0', field.length);
}

/* Of one line, whose newline became a NUL. A NUL in it leaves something behind the first. */
static struct oracle_number kibibytes_of(const char *line, size_t length, const char *field)
{
    size_t field_length = strlen(field);
    if (strlen(line) != length || strncmp(line, field, field_length) != 0
        || line[field_length] != ':')
        return none;
    const char *at = line + field_length + 1;
    char *end;
    struct oracle_number number = number_at(at + strspn(at, " \t"), &end);
    return number.there && strcmp(end, " kB") == 0 ? number : none;
}

struct oracle_number oracle_smaps(struct text text, struct text field, size_t longest)
{
    struct oracle_number sum = none;
    char *name = as_string(field, '?');
    char *copy = malloc(text.length + 1);
    must(copy, "no memory for the input");
    if (text.length > 0)
        memcpy(copy, text.at, text.length);
    char *line = copy;
    for (char *end = copy; end < copy + text.length; end++) {
        if (*end != '\n')
            continue;
        *end = '\0';
        size_t length = (size_t)(end - line);
        struct oracle_number number = length < longest ? kibibytes_of(line, length, name) : none;
        size_t bytes;
        sum.there |= number.there;
        if (__builtin_mul_overflow(number.value, (size_t)1024, &bytes)
            || __builtin_add_overflow(sum.value, bytes, &sum.value))
            sum.value = SIZE_MAX;
        line = end + 1;
    }
    free(copy);
    free(name);
    return sum;
}
