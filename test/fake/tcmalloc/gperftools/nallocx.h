/* Stands in for <gperftools/nallocx.h>. */
#ifndef FAKE_NALLOCX_H
#define FAKE_NALLOCX_H

#include <stddef.h>

size_t tc_nallocx(size_t size, int flags);

#endif
