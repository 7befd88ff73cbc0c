/* What the programs ask of the library's total. Not part of check.h: some programs must not be
 * linked with the library. */
#ifndef TOTAL_H
#define TOTAL_H

#include "check.h"
#include "zmalloc.h"

/* Fails unless the total is `before` again, to the byte. `when` ends the sentence. */
void require_total(size_t before, const char *when);

/* Nanoseconds of processor time that one zmalloc_used_memory() takes: the least of many tries, so
 * that other work on the machine does not show. */
double reading_cost(void);

/* Fails if reading has come to take many times as long. Generous: it is for telling whether the
 * counts of threads that are gone are still read, hundreds of them. Not where CHECK_UNTIMED is set:
 * under a tool, such as Valgrind's, that makes some instructions much dearer than others. */
void require_cheap_reading(double cost_before, const char *when);

#endif
