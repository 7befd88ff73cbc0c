#include "zmalloc.h"

int main(void)
{
    char *block = zmalloc(1);
    zrealloc(block, 2);
    return 0;
}
