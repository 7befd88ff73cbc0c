#include "ways.h"

size_t last_usable;

#define WAY(name, call)                                                                            \
    static void *name(size_t n)                                                                    \
    {                                                                                              \
        return call;                                                                               \
    }

WAY(by_zcalloc, zcalloc(n))
WAY(by_zcalloc_num, zcalloc_num(1, n))
WAY(by_zcalloc_num_of_one, zcalloc_num(n, 1))
WAY(by_zaligned_alloc, zaligned_alloc(sizeof(void *), n))
WAY(by_zaligned_alloc_page, zaligned_alloc(4096, n))
WAY(by_ztrycalloc_num, ztrycalloc_num(1, n))
WAY(by_ztryaligned_alloc, ztryaligned_alloc(64, n))
WAY(by_zmalloc_at_least, zmalloc_at_least(n, &last_usable))
WAY(by_zcalloc_at_least, zcalloc_at_least(n, &last_usable))
WAY(by_ztrymalloc_at_least, ztrymalloc_at_least(n, &last_usable))
WAY(by_ztrycalloc_at_least, ztrycalloc_at_least(n, &last_usable))
WAY(by_zrealloc, zrealloc(NULL, n))
WAY(by_ztryrealloc, ztryrealloc(NULL, n))
WAY(by_zrealloc_at_least, zrealloc_at_least(NULL, n, &last_usable))
WAY(by_ztryrealloc_at_least, ztryrealloc_at_least(NULL, n, &last_usable))

const struct way_to_get ways_to_get[] = {
    {"zmalloc", zmalloc, 0, 1},
    {"zcalloc", by_zcalloc, 1, 1},
    {"zcalloc_num(1, n)", by_zcalloc_num, 1, 1},
    {"zcalloc_num(n, 1)", by_zcalloc_num_of_one, 1, 1},
    {"zaligned_alloc(sizeof(void *), n)", by_zaligned_alloc, 0, 1},
    {"zaligned_alloc(4096, n)", by_zaligned_alloc_page, 0, 1},
    {"zmalloc_no_tcache", zmalloc_no_tcache, 0, 1},
    {"zmalloc_at_least", by_zmalloc_at_least, 0, 1},
    {"zcalloc_at_least", by_zcalloc_at_least, 1, 1},
    {"zrealloc(NULL, n)", by_zrealloc, 0, 1},
    {"zrealloc_at_least(NULL, n)", by_zrealloc_at_least, 0, 1},
    {"ztrymalloc", ztrymalloc, 0, 0},
    {"ztrycalloc", ztrycalloc, 1, 0},
    {"ztrycalloc_num", by_ztrycalloc_num, 1, 0},
    {"ztryaligned_alloc(64, n)", by_ztryaligned_alloc, 0, 0},
    {"ztrymalloc_at_least", by_ztrymalloc_at_least, 0, 0},
    {"ztrycalloc_at_least", by_ztrycalloc_at_least, 1, 0},
    {"ztryrealloc(NULL, n)", by_ztryrealloc, 0, 0},
    {"ztryrealloc_at_least(NULL, n)", by_ztryrealloc_at_least, 0, 0},
};
const size_t ways_to_get_count = sizeof ways_to_get / sizeof ways_to_get[0];

static void by_zfree_with_size(void *block)
{
    zfree_with_size(block, zmalloc_usable(block));
}

static void by_zrealloc_to_0(void *block)
{
    void *none = zrealloc(block, 0);
    REQUIRE(none == NULL, "zrealloc(block, 0) gave a block");
}

static void by_ztryrealloc_to_0(void *block)
{
    void *none = ztryrealloc(block, 0);
    REQUIRE(none == NULL, "ztryrealloc(block, 0) gave a block");
}

const struct way_to_give ways_to_give[] = {
    {"zfree", zfree},
    {"zfree_with_size", by_zfree_with_size},
    {"zfree_no_tcache", zfree_no_tcache},
    {"zrealloc(block, 0)", by_zrealloc_to_0},
    {"ztryrealloc(block, 0)", by_ztryrealloc_to_0},
};
const size_t ways_to_give_count = sizeof ways_to_give / sizeof ways_to_give[0];
