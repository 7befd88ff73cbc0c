#include "variants.h"

#include <stdio.h>
#include <stdlib.h>

#include "zmalloc.h"

_Thread_local size_t last_usable;

#define VARIANT(name, expression)                                                                  \
    static void *name(size_t n)                                                                    \
    {                                                                                              \
        return expression;                                                                         \
    }

VARIANT(by_zcalloc_num, zcalloc_num(1, n))
VARIANT(by_zcalloc_num_of_one, zcalloc_num(n, 1))
VARIANT(by_ztrycalloc_num, ztrycalloc_num(1, n))
VARIANT(by_zaligned_alloc, zaligned_alloc(sizeof(void *), n))
VARIANT(by_zaligned_alloc_page, zaligned_alloc(4096, n))
VARIANT(by_ztryaligned_alloc, ztryaligned_alloc(64, n))
VARIANT(by_zmalloc_at_least, zmalloc_at_least(n, &last_usable))
VARIANT(by_zcalloc_at_least, zcalloc_at_least(n, &last_usable))
VARIANT(by_ztrymalloc_at_least, ztrymalloc_at_least(n, &last_usable))
VARIANT(by_ztrycalloc_at_least, ztrycalloc_at_least(n, &last_usable))
VARIANT(by_zrealloc, zrealloc(NULL, n))
VARIANT(by_ztryrealloc, ztryrealloc(NULL, n))
VARIANT(by_zrealloc_at_least, zrealloc_at_least(NULL, n, &last_usable))
VARIANT(by_zmalloc_at_least_untold, zmalloc_at_least(n, NULL))
VARIANT(by_zcalloc_at_least_untold, zcalloc_at_least(n, NULL))
VARIANT(by_ztrymalloc_at_least_untold, ztrymalloc_at_least(n, NULL))
VARIANT(by_ztrycalloc_at_least_untold, ztrycalloc_at_least(n, NULL))
VARIANT(by_zreallocarray, zreallocarray(NULL, 1, n))
VARIANT(by_ztryreallocarray, ztryreallocarray(NULL, n, 1))
VARIANT(by_ztryrealloc_at_least, ztryrealloc_at_least(NULL, n, &last_usable))

const struct alloc_call alloc_calls[] = {
    {"zmalloc", zmalloc, false, true, false},
    {"zcalloc", zcalloc, true, true, false},
    {"zcalloc_num(1, n)", by_zcalloc_num, true, true, false},
    {"zcalloc_num(n, 1)", by_zcalloc_num_of_one, true, true, false},
    {"zaligned_alloc(sizeof(void *), n)", by_zaligned_alloc, false, true, false},
    {"zaligned_alloc(4096, n)", by_zaligned_alloc_page, false, true, false},
    {"zmalloc_no_tcache", zmalloc_no_tcache, false, true, false},
    {"zmalloc_at_least", by_zmalloc_at_least, false, true, true},
    {"zcalloc_at_least", by_zcalloc_at_least, true, true, true},
    {"zmalloc_at_least(n, NULL)", by_zmalloc_at_least_untold, false, true, false},
    {"zcalloc_at_least(n, NULL)", by_zcalloc_at_least_untold, true, true, false},
    {"zrealloc(NULL, n)", by_zrealloc, false, true, false},
    {"zreallocarray(NULL, 1, n)", by_zreallocarray, false, true, false},
    {"zrealloc_at_least(NULL, n)", by_zrealloc_at_least, false, true, true},
    {"ztrymalloc", ztrymalloc, false, false, false},
    {"ztrycalloc", ztrycalloc, true, false, false},
    {"ztrycalloc_num", by_ztrycalloc_num, true, false, false},
    {"ztryaligned_alloc(64, n)", by_ztryaligned_alloc, false, false, false},
    {"ztrymalloc_at_least", by_ztrymalloc_at_least, false, false, true},
    {"ztrycalloc_at_least", by_ztrycalloc_at_least, true, false, true},
    {"ztrymalloc_at_least(n, NULL)", by_ztrymalloc_at_least_untold, false, false, false},
    {"ztrycalloc_at_least(n, NULL)", by_ztrycalloc_at_least_untold, true, false, false},
    {"ztryrealloc(NULL, n)", by_ztryrealloc, false, false, false},
    {"ztryreallocarray(NULL, n, 1)", by_ztryreallocarray, false, false, false},
    {"ztryrealloc_at_least(NULL, n)", by_ztryrealloc_at_least, false, false, true},
};
const size_t alloc_call_count = sizeof alloc_calls / sizeof *alloc_calls;

static void *resize_at_least(void *block, size_t n)
{
    return zrealloc_at_least(block, n, &last_usable);
}

static void *try_resize_at_least(void *block, size_t n)
{
    return ztryrealloc_at_least(block, n, &last_usable);
}

static void *resize_at_least_untold(void *block, size_t n)
{
    return zrealloc_at_least(block, n, NULL);
}

static void *try_resize_at_least_untold(void *block, size_t n)
{
    return ztryrealloc_at_least(block, n, NULL);
}

static void *resize_array(void *block, size_t n)
{
    return zreallocarray(block, n, 1);
}

static void *try_resize_array(void *block, size_t n)
{
    return ztryreallocarray(block, 1, n);
}

const struct resize_call resize_calls[] = {
    {"zrealloc", zrealloc, false, true},
    {"ztryrealloc", ztryrealloc, false, false},
    {"zrealloc_at_least", resize_at_least, true, true},
    {"ztryrealloc_at_least", try_resize_at_least, true, false},
    {"zrealloc_at_least(block, n, NULL)", resize_at_least_untold, false, true},
    {"ztryrealloc_at_least(block, n, NULL)", try_resize_at_least_untold, false, false},
    {"zreallocarray", resize_array, false, true},
    {"ztryreallocarray", try_resize_array, false, false},
};
const size_t resize_call_count = sizeof resize_calls / sizeof *resize_calls;

static void by_zfree_with_size(void *block)
{
    zfree_with_size(block, zmalloc_usable(block));
}

static void require_none(const void *none, const char *call)
{
    if (none) {
        fprintf(stderr, "%s gave a block\n", call);
        abort();
    }
}

static void by_zrealloc_to_0(void *block)
{
    void *none = zrealloc(block, 0);
    require_none(none, "zrealloc(block, 0)");
}

static void by_ztryrealloc_to_0(void *block)
{
    void *none = ztryrealloc(block, 0);
    require_none(none, "ztryrealloc(block, 0)");
}

const struct release_call release_calls[] = {
    {"zfree", zfree},
    {"zfree_with_size", by_zfree_with_size},
    {"zfree_no_tcache", zfree_no_tcache},
    {"zrealloc(block, 0)", by_zrealloc_to_0},
    {"ztryrealloc(block, 0)", by_ztryrealloc_to_0},
};
const size_t release_call_count = sizeof release_calls / sizeof *release_calls;
