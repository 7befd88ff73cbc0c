#include <stdlib.h>

#include "zmalloc.h"

int main(void)
{
    char *block = realloc(zcalloc_num(2, 3), 20);
    free(block);
    return 0;
}
