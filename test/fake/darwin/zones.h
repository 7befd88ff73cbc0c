/* What the fake for malloc_zone_statistics said last. */
#ifndef FAKE_ZONES_H
#define FAKE_ZONES_H

#include <malloc/malloc.h>

extern malloc_statistics_t fake_last_statistics;

/* How often zones were asked to give back what they have free. */
extern int fake_reliefs;

#endif
