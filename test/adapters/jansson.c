/* Jansson: a list of 20,000 objects is built, written, parsed and dropped. */
#include "adapter.h"
#include "page-jansson.h"

#include <string.h>

static void install(void)
{
#include "page-jansson.inc"
}

static json_t *build(size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < n; i++) {
        json_t *item =
            json_pack("{s:i, s:f, s:[i,i,b], s:{s:s}}", "id", (int)i, "weight", 0.5 * (double)i,
                      "sizes", (int)i, (int)(i / 7), 1, "name", "text", "a \"name\"");
        if (!item || json_array_append_new(list, item) != 0) { /* takes the item, also on failure */
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* There and back. False where memory ran out. */
static bool round_trip(size_t n)
{
    bool same = false;
    json_t *list = build(n), *parsed = NULL;
    char *text = list ? json_dumps(list, JSON_SORT_KEYS) : NULL;
    json_error_t error;
    if (text)
        parsed = json_loads(text, 0, &error);
    if (parsed) {
        same = json_equal(list, parsed);
        require(same, "another list was parsed than was written");
        held();
    }
    json_decref(parsed);
    zfree(text);
    json_decref(list);
    return same;
}

static bool work(void)
{
    return round_trip(20000);
}

static bool small_work(void)
{
    return round_trip(4);
}

int main(void)
{
    install();
    require_work(work, 8u << 20);
    require_work_under_failures(small_work, 100);
    return 0;
}
