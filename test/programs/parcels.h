/* Parcels: a block made by any of the allocating calls, together with what its maker knew of it, so
 * that whoever holds the parcel can check the block, resize it and free it. The parcel itself is a
 * block of the library too. */
#ifndef PARCELS_H
#define PARCELS_H

#include "total.h"

struct parcel {
    unsigned char *block;
    size_t n;
    unsigned char fill;
};

/* Each takes the state of next_random(), which decides how it is done. */
struct parcel *make_parcel(uint64_t *random);
void resize_parcel(struct parcel *parcel, uint64_t *random);
void free_parcel(struct parcel *parcel, uint64_t *random);

/* Fails unless the block holds what was last written to it. */
void check_parcel(const struct parcel *parcel);

/* Bytes charged for the parcel and its block. */
size_t parcel_size(const struct parcel *parcel);

#endif
