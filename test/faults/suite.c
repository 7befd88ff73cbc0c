/* As faults.c, in the workers of Criterion: they are processes of their own, whose end is not that
 * of the suite. */
#include <criterion/criterion.h>

#include "zmalloc.h"

static volatile unsigned char *volatile kept;
static volatile size_t bytes = 100;

Test(faults, overflows)
{
    kept = zmalloc(bytes);
    kept[bytes] = 1;
    zfree((void *)kept);
}

Test(faults, leaks)
{
    kept = zmalloc(bytes);
    kept[0] = 1;
    kept = NULL;
}

Test(faults, does_nothing_wrong)
{
    kept = zmalloc(bytes);
    kept[bytes - 1] = 1;
    zfree((void *)kept);
}
