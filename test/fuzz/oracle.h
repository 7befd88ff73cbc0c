/* The answers that the parsers of lib/probe/proc_text.h must give, found in another way: by the C
 * library's calls on NUL-terminated copies. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>

#include "target.h"

/* Whether there is a number, and which. */
struct oracle_number {
    bool there;
    size_t value;
};

struct oracle_number oracle_statm(struct text text);
struct oracle_number oracle_stat(struct text text);

/* Bytes of a field of smaps. Lines of `longest` bytes and more, without their newline, are none. */
struct oracle_number oracle_smaps(struct text text, struct text field, size_t longest);

/* What zmalloc.h lets through as the name of a field. */
bool can_be_field(struct text field);

#endif
