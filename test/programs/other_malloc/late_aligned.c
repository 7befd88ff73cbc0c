/* A library that is opened late, in a process whose malloc is another and has freed small blocks
 * that happened to be aligned. Rule: every block is aligned for any object all the same.
 *
 * Argument: the library. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "check.h"
#include "late_library.h"

enum { BLOCKS = 64, FREED = 8 };

static bool is_aligned(const void *block)
{
    return (uintptr_t)block % _Alignof(max_align_t) == 0;
}

int main(int argc, char **argv)
{
    void *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = malloc(8);
    for (int i = 0, freed = 0; i < BLOCKS && freed < FREED; i++)
        if (is_aligned(blocks[i])) {
            free(blocks[i]);
            freed++;
        }
    struct late_library library = open_late(argc, argv, RTLD_LOCAL);
    for (int i = 0; i < BLOCKS; i++) {
        void *block = library.zmalloc(8);
        require(is_aligned(block), "block %d is at %p", i, block);
    }
    return 0;
}
