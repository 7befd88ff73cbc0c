#include "zmalloc.h"

int main(void)
{
    char *block = zmalloc(8);
    zfree(block);
    zfree(block);
    return 0;
}
