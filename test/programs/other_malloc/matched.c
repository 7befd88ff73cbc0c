/* The C library's own malloc. Rule: what is charged for a block is what malloc_usable_size says of
 * it, without a header of the library's, also in a program that is not position-independent and
 * names malloc, which gives malloc an address in the program. */
#include <malloc.h>
#include <stdlib.h>

#include "total.h"

int main(void)
{
    void *(*volatile taken)(size_t) = malloc;
    size_t (*volatile query)(void *) = malloc_usable_size;
    free(taken(1));
    for (size_t n = 1; n < 100000; n += 1 + n / 8) {
        void *block = zmalloc(n), *aligned = zaligned_alloc(256, n);
        require(zmalloc_usable(block) == query(block), "%zu bytes have a header", n);
        require(zmalloc_usable(aligned) == query(aligned), "%zu aligned bytes have a header", n);
        zfree(block);
        zfree(aligned);
    }
    return 0;
}
