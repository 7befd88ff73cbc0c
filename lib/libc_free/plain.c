/* zlibc_free on macOS, where each library is bound to the library that a name came from: `free` is
 * the C library's here too. */
#include <stdlib.h>

#include "zmalloc.h"

void zlibc_free(void *block)
{
    free(block);
}
