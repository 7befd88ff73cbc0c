#include "zmalloc.h"

int main(void)
{
    zcalloc(1);
    return 0;
}
