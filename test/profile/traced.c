/* Is watched by a debugger: allocates and frees ten large blocks, and prints which. */
#include <stdio.h>
#include <zmalloc.h>

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 0; i < 10; i++) {
        void *block = zmalloc((size_t)32 << 20);
        printf("block %p %zu\n", block, zmalloc_size(block));
        zfree(block);
    }
    return 0;
}
