/* What the programs ask of the library's total. Not part of check.h: some programs must not be
 * linked with the library. */
#ifndef TOTAL_H
#define TOTAL_H

#include <stdbool.h>

#include "check.h"
#include "zmalloc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fails unless the total is `before` again, to the byte. `when` ends the sentence. */
void require_total(size_t before, const char *when);

#ifdef __cplusplus
}
#endif

#endif
