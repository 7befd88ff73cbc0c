#include "ways.h"

#include "check.h"
#include "zmalloc.h"

_Thread_local size_t last_usable;

#define GET(name, call)                                                                            \
    static void *name(size_t n)                                                                    \
    {                                                                                              \
        return call;                                                                               \
    }

GET(by_zcalloc, zcalloc(n))
GET(by_zcalloc_num, zcalloc_num(n, 1))
GET(by_ztrycalloc_num, ztrycalloc_num(1, n))
GET(by_zaligned_alloc, zaligned_alloc(4096, n))
GET(by_ztryaligned_alloc, ztryaligned_alloc(64, n))
GET(by_zmalloc_at_least, zmalloc_at_least(n, &last_usable))
GET(by_zcalloc_at_least, zcalloc_at_least(n, &last_usable))
GET(by_ztrymalloc_at_least, ztrymalloc_at_least(n, &last_usable))
GET(by_ztrycalloc_at_least, ztrycalloc_at_least(n, &last_usable))
GET(by_zrealloc, zrealloc(NULL, n))
GET(by_ztryrealloc, ztryrealloc(NULL, n))
GET(by_zrealloc_at_least, zrealloc_at_least(NULL, n, &last_usable))
GET(by_ztryrealloc_at_least, ztryrealloc_at_least(NULL, n, &last_usable))

const struct way_to_get ways_to_get[] = {
    {"zmalloc", zmalloc, false, true},
    {"zcalloc", by_zcalloc, true, true},
    {"zcalloc_num", by_zcalloc_num, true, true},
    {"zaligned_alloc", by_zaligned_alloc, false, true},
    {"zmalloc_no_tcache", zmalloc_no_tcache, false, true},
    {"zmalloc_at_least", by_zmalloc_at_least, false, true},
    {"zcalloc_at_least", by_zcalloc_at_least, true, true},
    {"zrealloc of NULL", by_zrealloc, false, true},
    {"zrealloc_at_least of NULL", by_zrealloc_at_least, false, true},
    {"ztrymalloc", ztrymalloc, false, false},
    {"ztrycalloc", ztrycalloc, true, false},
    {"ztrycalloc_num", by_ztrycalloc_num, true, false},
    {"ztryaligned_alloc", by_ztryaligned_alloc, false, false},
    {"ztrymalloc_at_least", by_ztrymalloc_at_least, false, false},
    {"ztrycalloc_at_least", by_ztrycalloc_at_least, true, false},
    {"ztryrealloc of NULL", by_ztryrealloc, false, false},
    {"ztryrealloc_at_least of NULL", by_ztryrealloc_at_least, false, false},
    {0},
};

static void *resize_at_least(void *block, size_t n)
{
    return zrealloc_at_least(block, n, &last_usable);
}

static void *try_resize_at_least(void *block, size_t n)
{
    return ztryrealloc_at_least(block, n, &last_usable);
}

const struct way_to_resize ways_to_resize[] = {
    {"zrealloc", zrealloc, true},
    {"ztryrealloc", ztryrealloc, false},
    {"zrealloc_at_least", resize_at_least, true},
    {"ztryrealloc_at_least", try_resize_at_least, false},
    {0},
};

static void by_zfree_with_size(void *block)
{
    zfree_with_size(block, zmalloc_usable(block));
}

static void by_zrealloc_to_0(void *block)
{
    void *none = zrealloc(block, 0);
    require(!none, "zrealloc to 0 gave a block");
}

static void by_ztryrealloc_to_0(void *block)
{
    void *none = ztryrealloc(block, 0);
    require(!none, "ztryrealloc to 0 gave a block");
}

const struct way_to_give ways_to_give[] = {
    {"zfree", zfree},
    {"zfree_with_size", by_zfree_with_size},
    {"zfree_no_tcache", zfree_no_tcache},
    {"zrealloc to 0", by_zrealloc_to_0},
    {"ztryrealloc to 0", by_ztryrealloc_to_0},
    {0},
};
