/* What the stand-in for malloc_zone_statistics said last. */
#ifndef STANDIN_ZONES_H
#define STANDIN_ZONES_H

#include <malloc/malloc.h>

extern malloc_statistics_t standin_last_statistics;

#endif
