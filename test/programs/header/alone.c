/* Rule: the header needs no other in front of it, and may come twice. */
#include "zmalloc.h"

#include "zmalloc.h"
