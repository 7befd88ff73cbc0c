#include "zmalloc.h"

int main(void)
{
    zmalloc(1);
    return 0;
}
