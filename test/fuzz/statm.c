/* /proc/PID/statm. The input is the text. */
#include <stdlib.h>

#include "oracle.h"
#include "probe/proc_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    struct text text = take_rest(&input);
    struct oracle_number expected = oracle_statm(text);
    size_t untouched = 77;
    size_t pages = untouched;
    int result = zm_statm_resident(text.at, text.length, &pages);
    must(result == (expected.there ? 0 : -1), "%d for a text that has %s number", result,
         expected.there ? "a" : "no");
    must(pages == (expected.there ? expected.value : untouched), "%zu pages, not %zu", pages,
         expected.value);
    free(text.at);
    return 0;
}
