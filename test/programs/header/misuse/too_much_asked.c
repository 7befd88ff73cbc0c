#include "zmalloc.h"

int main(void)
{
    char *block = zmalloc((size_t)-1);
    zfree(block);
    return 0;
}
