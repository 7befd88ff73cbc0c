/* A program of somebody who installed the library: the projects in the folders beside it are made
 * of it. Argument: the allocator that should serve: libc, jemalloc, ... */
#include <stdio.h>
#include <string.h>
#include <zmalloc.h>

static int wrong(const char *what)
{
    fprintf(stderr, "app: %s\n", what);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return wrong("usage: app ALLOCATOR");
    size_t name = strcspn(zmalloc_lib(), "-");
    if (name != strlen(argv[1]) || strncmp(zmalloc_lib(), argv[1], name) != 0)
        return wrong("another allocator serves than the one that was asked for");
    if (strcmp(zmalloc_version(), ZMALLOC_VERSION_STRING) != 0)
        return wrong("the header is not that of the library");

    size_t before = zmalloc_used_memory(), usable;
    char *text = zstrdup("some text");
    char *zeros = zcalloc(100);
    char *whole = zmalloc_at_least(100, &usable);
    text = zrealloc(text, 1000);
    memset(whole, 1, usable);
    if (strcmp(text, "some text") != 0 || zeros[99] != 0 || usable < 100)
        return wrong("a block does not hold what it should");
    if (zmalloc_used_memory()
        != before + zmalloc_size(text) + zmalloc_size(zeros) + zmalloc_size(whole))
        return wrong("the total is not the sum of the blocks");
    zfree(text);
    zfree(zeros);
    zfree(whole);
    if (zmalloc_used_memory() != before)
        return wrong("the total is not what it was");
    printf("%s, zmalloc %s\n", zmalloc_lib(), zmalloc_version());
    return 0;
}
