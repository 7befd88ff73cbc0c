/* No memory at all, taken by the library's own calls. */
#include <string.h>

#include "calls.h"
#include "check.h"
#include "total.h"
#include "variants.h"

static const struct alloc_call *by_name(const char *name)
{
    const struct alloc_call *call = alloc_calls;
    while (strcmp(call->name, name) != 0)
        call++;
    return call;
}

/* Down to every small size by itself: an allocator may have kept blocks of just that one. */
static size_t next_smaller(size_t n)
{
    return n > 1024 ? n / 2 : n - sizeof(void *);
}

/* Blocks, linked through their first bytes. */
static void *take_all(void)
{
    void **last = NULL;
    for (size_t n = 1 << 20; n >= sizeof(void *); n = next_smaller(n))
        for (void **block = ztrymalloc(n); block; block = ztrymalloc(n)) {
            *block = last;
            last = block;
        }
    return last;
}

static void give_all(void **last)
{
    while (last) {
        void **block = last;
        last = *block;
        zfree(block);
    }
}

void check_with_nothing_left(const struct supply *supply)
{
    if (!supply->no_memory)
        return;
    size_t before = zmalloc_used_memory();
    void *all = take_all();
    require_refusal(by_name("zmalloc"), 100);
    require_refusal(by_name("ztrymalloc"), 100);
    check_every_call(supply);
    bool had_any = all;
    give_all(all);
    require_total(before, "after all memory was given back");
    expect_no_failure();
    void *block = zmalloc(sizeof(void *));
    require(block || !had_any, "no memory to be had after all was given back");
    zfree(block);
}
