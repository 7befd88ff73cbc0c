/* /proc/PID/stat. The input is the text; it is also taken for the name of a process, which may hold
 * anything and must not change what is found behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "probe/proc_text.h"

static void compare_with_oracle(struct text text)
{
    struct oracle_number expected = oracle_stat(text);
    size_t untouched = 77;
    size_t pages = untouched;
    int result = zm_stat_resident(text.at, text.length, &pages);
    must(result == (expected.there ? 0 : -1), "%d for a text that has %s number", result,
         expected.there ? "a" : "no");
    must(pages == (expected.there ? expected.value : untouched), "%zu pages, not %zu", pages,
         expected.value);
}

static void take_for_name(struct text name)
{
    static const char before[] = "42 (";
    static const char after[] =
        ") S 1 2 3 -1 5 6 7 8 9 10 11 12 13 14 15 16 -17 18 19 20 4321 22\n";
    size_t length = sizeof before - 1 + name.length + sizeof after - 1;
    char *text = malloc(length);
    must(text, "no memory for the input");
    memcpy(text, before, sizeof before - 1);
    if (name.length > 0)
        memcpy(text + sizeof before - 1, name.at, name.length);
    memcpy(text + length - (sizeof after - 1), after, sizeof after - 1);
    size_t pages = 0;
    int result = zm_stat_resident(text, length, &pages);
    must(result == 0 && pages == 4321, "a name changed 4321 pages into %zu, result %d", pages,
         result);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    struct text text = take_rest(&input);
    compare_with_oracle(text);
    take_for_name(text);
    free(text.at);
    return 0;
}
