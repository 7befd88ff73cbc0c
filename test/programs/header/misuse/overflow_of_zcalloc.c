#include "zmalloc.h"

int main(void)
{
    char *block = zcalloc(8);
    block[8] = 1;
    zfree(block);
    return 0;
}
