/* The open descriptors of the process, found without /proc. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stdbool.h>

enum { MOST_DESCRIPTORS = 1024 };

struct descriptors {
    bool open[MOST_DESCRIPTORS];
};

void list_descriptors(struct descriptors *list);

/* Fails if another one is open than those in the list. */
void require_same_descriptors(const struct descriptors *before);

#endif
