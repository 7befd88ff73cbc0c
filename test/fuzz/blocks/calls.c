#include "calls.h"

#include <stdlib.h>
#include <string.h>

#include "zmalloc.h"

static struct answer plain(void *block, size_t n, bool tells)
{
    return (struct answer){.block = block, .asked = n, .promised = n, .tells = tells};
}

static struct answer zeroed(void *block, size_t n, bool tells)
{
    struct answer answer = plain(block, n, tells);
    answer.zeroed = true;
    return answer;
}

static struct answer storing(struct answer answer, size_t usable)
{
    answer.stores = true;
    answer.stored = usable;
    if (answer.block)
        answer.promised = usable;
    return answer;
}

/* ---- Allocating ---- */

#define GET(name, result)                                                                          \
    static struct answer name(size_t n, unsigned variety)                                          \
    {                                                                                              \
        (void)variety;                                                                             \
        return result;                                                                             \
    }

GET(by_zmalloc, plain(zmalloc(n), n, true))
GET(by_ztrymalloc, plain(ztrymalloc(n), n, false))
GET(by_zmalloc_no_tcache, plain(zmalloc_no_tcache(n), n, true))
GET(by_zcalloc, zeroed(zcalloc(n), n, true))
GET(by_ztrycalloc, zeroed(ztrycalloc(n), n, false))

/* n and more than one item may be more than there are numbers for. */
static struct answer by_num(void *(*call)(size_t, size_t), size_t n, unsigned variety, bool tells)
{
    size_t num = 1 + variety;
    size_t each = variety % 2 ? n : n / num;
    if (each > SIZE_MAX / num)
        return zeroed(call(num, each), SIZE_MAX, tells);
    return zeroed(call(num, each), num * each, tells);
}

GET(by_zcalloc_num, by_num(zcalloc_num, n, variety, true))
GET(by_ztrycalloc_num, by_num(ztrycalloc_num, n, variety, false))

/* The last two are more than there is: the library refuses the one, the allocator the other. */
static size_t alignment_of(unsigned variety)
{
    size_t largest = SIZE_MAX / 2 + 1;
    if (variety < 14)
        return (size_t)1 << variety;
    return variety == 14 && MAY_ASK_TOO_MUCH ? largest / 2 : largest;
}

static struct answer by_align(void *(*call)(size_t, size_t), size_t n, unsigned variety, bool tells)
{
    size_t alignment = alignment_of(variety);
    struct answer answer = plain(call(alignment, n), n, tells);
    answer.alignment = alignment;
    return answer;
}

GET(by_zaligned_alloc, by_align(zaligned_alloc, n, variety, true))
GET(by_ztryaligned_alloc, by_align(ztryaligned_alloc, n, variety, false))

#define GET_AT_LEAST(name, call, kind, tells)                                                      \
    static struct answer name(size_t n, unsigned variety)                                          \
    {                                                                                              \
        size_t usable = variety;                                                                   \
        struct answer answer = kind(call(n, &usable), n, tells);                                   \
        return storing(answer, usable);                                                            \
    }

GET_AT_LEAST(by_zmalloc_at_least, zmalloc_at_least, plain, true)
GET_AT_LEAST(by_ztrymalloc_at_least, ztrymalloc_at_least, plain, false)
GET_AT_LEAST(by_zcalloc_at_least, zcalloc_at_least, zeroed, true)
GET_AT_LEAST(by_ztrycalloc_at_least, ztrycalloc_at_least, zeroed, false)

static struct answer by_zstrdup(size_t n, unsigned variety)
{
    size_t length = n % 4096;
    char *string = malloc(length + 1);
    must(string, "no memory for a string");
    memset(string, 'a' + (int)variety, length);
    string[length] = '\0';
    char *copy = zstrdup(string);
    must(!copy || strcmp(copy, string) == 0, "zstrdup gave another string");
    free(string);
    return plain(copy, length + 1, true);
}

const struct alloc_call alloc_calls[] = {
    {"zmalloc", by_zmalloc},
    {"zcalloc", by_zcalloc},
    {"zcalloc_num", by_zcalloc_num},
    {"zaligned_alloc", by_zaligned_alloc},
    {"zmalloc_no_tcache", by_zmalloc_no_tcache},
    {"zstrdup", by_zstrdup},
    {"zmalloc_at_least", by_zmalloc_at_least},
    {"zcalloc_at_least", by_zcalloc_at_least},
    {"ztrymalloc", by_ztrymalloc},
    {"ztrycalloc", by_ztrycalloc},
    {"ztrycalloc_num", by_ztrycalloc_num},
    {"ztryaligned_alloc", by_ztryaligned_alloc},
    {"ztrymalloc_at_least", by_ztrymalloc_at_least},
    {"ztrycalloc_at_least", by_ztrycalloc_at_least},
};
const size_t alloc_call_count = sizeof alloc_calls / sizeof *alloc_calls;

/* ---- Resizing ---- */

static struct answer by_zrealloc(void *block, size_t n)
{
    return plain(zrealloc(block, n), n, true);
}

static struct answer by_ztryrealloc(void *block, size_t n)
{
    return plain(ztryrealloc(block, n), n, false);
}

static struct answer by_zrealloc_at_least(void *block, size_t n)
{
    size_t usable = 1;
    struct answer answer = plain(zrealloc_at_least(block, n, &usable), n, true);
    return storing(answer, usable);
}

static struct answer by_ztryrealloc_at_least(void *block, size_t n)
{
    size_t usable = 1;
    struct answer answer = plain(ztryrealloc_at_least(block, n, &usable), n, false);
    return storing(answer, usable);
}

const struct resize_call resize_calls[] = {
    {"zrealloc", by_zrealloc},
    {"ztryrealloc", by_ztryrealloc},
    {"zrealloc_at_least", by_zrealloc_at_least},
    {"ztryrealloc_at_least", by_ztryrealloc_at_least},
};
const size_t resize_call_count = sizeof resize_calls / sizeof *resize_calls;

/* ---- Giving back ---- */

static void by_zfree(void *block, size_t usable)
{
    (void)usable;
    zfree(block);
}

static void by_zfree_no_tcache(void *block, size_t usable)
{
    (void)usable;
    zfree_no_tcache(block);
}

const struct release_call release_calls[] = {
    {"zfree", by_zfree},
    {"zfree_with_size", zfree_with_size},
    {"zfree_no_tcache", by_zfree_no_tcache},
};
const size_t release_call_count = sizeof release_calls / sizeof *release_calls;
