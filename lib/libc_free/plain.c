/* Where each library's names are bound to the libraries that they came from (macOS): free is the C
 * library's for the C library, and for this one. */
#include <stdlib.h>

#include "zmalloc.h"

void zlibc_free(void *block)
{
    free(block);
}
