/* A program of somebody who installed the library. Prints which allocator serves it. */
#include <stdio.h>
#include <string.h>
#include <zmalloc.h>

int main(void)
{
    size_t before = zmalloc_used_memory();
    char *text = zstrdup("some text");
    char *zeros = zcalloc(100);
    text = zrealloc(text, 1000);
    if (strcmp(text, "some text") != 0 || zeros[99] != 0)
        return 1;
    if (zmalloc_used_memory() != before + zmalloc_size(text) + zmalloc_size(zeros))
        return 1;
    zfree(text);
    zfree(zeros);
    if (strcmp(zmalloc_version(), ZMALLOC_VERSION_STRING) != 0)
        return 1;
    puts(zmalloc_lib());
    return zmalloc_used_memory() == before ? 0 : 1;
}
