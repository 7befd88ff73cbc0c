/* What the programs ask of the library's total. Not part of check.h: some programs must not be
 * linked with the library. */
#ifndef TOTAL_H
#define TOTAL_H

#include <stdbool.h>

#include "check.h"
#include "zmalloc.h"

/* Fails unless the total is `before` again, to the byte. `when` ends the sentence. */
void require_total(size_t before, const char *when);

/* Nanoseconds of processor time that one zmalloc_used_memory() takes: the least of many tries, so
 * that other work on the machine does not show. */
double reading_cost(void);

/* Not where CHECK_UNTIMED is in the environment: under a tool, such as Valgrind's, that makes some
 * instructions much dearer than others. */
bool times_count(void);

/* Fails if reading has come to take many times as long, and times count. Generous: it is for
 * telling whether the counts of threads that are gone are still read, hundreds of them. */
void require_cheap_reading(double cost_before, const char *when);

#endif
