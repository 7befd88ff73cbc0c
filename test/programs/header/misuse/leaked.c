#include "zmalloc.h"

int leak(void);

int leak(void)
{
    char *block = zmalloc(8);
    return !block;
}
