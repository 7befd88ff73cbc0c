#include <string.h>

#include "zmalloc.h"

int main(void)
{
    char *block = zmalloc(8);
    memset(block, 1, 9);
    zfree(block);
    return 0;
}
