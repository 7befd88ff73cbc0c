/* A module on the library, linked so that nothing of the library can be seen from outside. */
#include <string.h>
#include <zmalloc.h>

int module_use(const char *backend);

/* glibc's malloc serves two backends, of which one has a header before the block. */
static int is_served_by(const char *backend, const char *block)
{
    int has_header = zmalloc_size(block) > zmalloc_usable(block) + 8;
    return strncmp(zmalloc_lib(), backend, strcspn(backend, "-")) == 0
           && has_header == (strstr(backend, "libc-prefix") != NULL);
}

/* Returns 0 where the total follows a block, and `backend`, as "libc-glibc-usable", is NULL or
 * serves it. */
__attribute__((visibility("default"))) int module_use(const char *backend)
{
    size_t before = zmalloc_used_memory();
    char *block = zmalloc(1000);
    if (!block || zmalloc_used_memory() != before + zmalloc_size(block))
        return 1;
    memset(block, 1, 1000);
    int is_ours = !backend || is_served_by(backend, block);
    zfree(block);
    return zmalloc_used_memory() != before || !is_ours;
}
