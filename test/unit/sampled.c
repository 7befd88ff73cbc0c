/* Linked with a suite: the whole of it runs while samples are taken, every 4 KiB. */
#include <stdlib.h>

#include "zmalloc.h"

__attribute__((constructor)) static void start(void)
{
    if (zmalloc_profile_start(4096) != 0)
        abort();
}
