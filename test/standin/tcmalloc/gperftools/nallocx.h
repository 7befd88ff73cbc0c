/* Stands in for <gperftools/nallocx.h>. */
#ifndef STANDIN_NALLOCX_H
#define STANDIN_NALLOCX_H

#include <stddef.h>

size_t tc_nallocx(size_t size, int flags);

#endif
