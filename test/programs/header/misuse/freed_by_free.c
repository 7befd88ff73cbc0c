#include <stdlib.h>

#include "zmalloc.h"

int main(void)
{
    char *block = zmalloc(1);
    free(block);
    return 0;
}
