#include <stdlib.h>

#include "zmalloc.h"

int main(void)
{
    char *block = malloc(1);
    zfree(block);
    return 0;
}
