/* A module on the library, linked so that nothing of the library can be seen from outside. */
#include <string.h>
#include <zmalloc.h>

int module_use(const char *allocator);

/* Returns 0 where the total follows a block, and `allocator` is NULL or serves it. */
__attribute__((visibility("default"))) int module_use(const char *allocator)
{
    size_t before = zmalloc_used_memory();
    char *block = zmalloc(1000);
    if (!block || zmalloc_used_memory() != before + zmalloc_size(block))
        return 1;
    memset(block, 1, 1000);
    zfree(block);
    return zmalloc_used_memory() != before
           || (allocator && strncmp(zmalloc_lib(), allocator, strlen(allocator)) != 0);
}
