/* Stands in for macOS's <malloc/malloc.h>: the size of a block and the figures of the zones. */
#ifndef FAKE_MALLOC_MALLOC_H
#define FAKE_MALLOC_MALLOC_H

#include <stddef.h>

typedef struct fake_zone malloc_zone_t;

typedef struct malloc_statistics_t {
    unsigned blocks_in_use;
    size_t size_in_use;
    size_t max_size_in_use;
    size_t size_allocated;
} malloc_statistics_t;

size_t malloc_size(const void *block);
size_t malloc_zone_pressure_relief(malloc_zone_t *zone, size_t goal);
void malloc_zone_statistics(malloc_zone_t *zone, malloc_statistics_t *statistics);

#endif
