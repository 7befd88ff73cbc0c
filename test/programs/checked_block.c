#include "checked_block.h"

#include <stdbool.h>
#include <string.h>

/* Only so much of each end of a block is written and read: long blocks shall not cost more. */
#define TOUCHED 64

/* What a maker promises of its block. */
struct making {
    void *block;
    size_t n;
    size_t alignment;
    bool zero;
};

typedef struct making maker(size_t n, uint64_t *random);

static struct making by_zmalloc(size_t n, uint64_t *random)
{
    void *block = next_random(random) % 2 ? zmalloc(n) : ztrymalloc(n);
    return (struct making){.block = block, .n = n};
}

static struct making by_zcalloc(size_t n, uint64_t *random)
{
    void *block = next_random(random) % 2 ? zcalloc(n) : ztrycalloc(n);
    return (struct making){.block = block, .n = n, .zero = true};
}

static struct making by_zcalloc_num(size_t n, uint64_t *random)
{
    size_t num = 1 + next_random(random) % 16;
    size_t each = n / num;
    void *block = next_random(random) % 2 ? zcalloc_num(num, each) : ztrycalloc_num(num, each);
    return (struct making){.block = block, .n = num * each, .zero = true};
}

static struct making by_zaligned_alloc(size_t n, uint64_t *random)
{
    size_t align = (size_t)1 << next_random(random) % 13;
    void *block = next_random(random) % 2 ? zaligned_alloc(align, n) : ztryaligned_alloc(align, n);
    return (struct making){.block = block, .n = n, .alignment = align};
}

static struct making by_zmalloc_at_least(size_t n, uint64_t *random)
{
    size_t usable;
    void *block =
        next_random(random) % 2 ? zmalloc_at_least(n, &usable) : ztrymalloc_at_least(n, &usable);
    require(usable >= n, "_at_least(%zu) stored %zu", n, usable);
    return (struct making){.block = block, .n = usable};
}

static struct making by_zcalloc_at_least(size_t n, uint64_t *random)
{
    size_t usable;
    void *block =
        next_random(random) % 2 ? zcalloc_at_least(n, &usable) : ztrycalloc_at_least(n, &usable);
    require(usable >= n, "_at_least(%zu) stored %zu", n, usable);
    return (struct making){.block = block, .n = usable, .zero = true};
}

static struct making by_zmalloc_no_tcache(size_t n, uint64_t *random)
{
    (void)random;
    return (struct making){.block = zmalloc_no_tcache(n), .n = n};
}

static struct making by_zrealloc_of_null(size_t n, uint64_t *random)
{
    void *block = next_random(random) % 2 ? zrealloc(NULL, n) : ztryrealloc(NULL, n);
    return (struct making){.block = block, .n = n};
}

static struct making by_zstrdup(size_t n, uint64_t *random)
{
    char text[256];
    size_t length = n < sizeof text ? n : next_random(random) % sizeof text;
    memset(text, 'z', length);
    text[length] = '\0';
    char *copy = zstrdup(text);
    require(copy && strcmp(copy, text) == 0, "zstrdup gave another string than it was given");
    return (struct making){.block = copy, .n = length + 1};
}

static maker *const makers[] = {
    by_zmalloc,          by_zcalloc,          by_zcalloc_num,
    by_zaligned_alloc,   by_zmalloc_at_least, by_zmalloc_no_tcache,
    by_zcalloc_at_least, by_zstrdup,          by_zrealloc_of_null,
};

/* Mostly small, some of a few pages, a few above where allocators turn to mmap. */
static size_t random_size(uint64_t *random)
{
    unsigned kind = next_random(random) % 512;
    if (kind == 0)
        return next_random(random) % (512 * 1024);
    if (kind < 32)
        return next_random(random) % (16 * 1024);
    return next_random(random) % 512;
}

static size_t checked_length(size_t n)
{
    return n < TOUCHED ? n : TOUCHED;
}

static void require_bytes(const unsigned char *at, size_t count, unsigned char value)
{
    for (size_t i = 0; i < count; i++)
        require(at[i] == value, "a byte of a block is %d where %d was written", at[i], value);
}

static void fill_parcel(struct checked_block *checked, unsigned char fill)
{
    size_t count = checked_length(checked->n);
    checked->fill = fill;
    memset(checked->block, fill, count);
    memset(checked->block + checked->n - count, fill, count);
}

void check_contents(const struct checked_block *checked)
{
    size_t count = checked_length(checked->n);
    require_bytes(checked->block, count, checked->fill);
    require_bytes(checked->block + checked->n - count, count, checked->fill);
}

struct checked_block *make_checked(uint64_t *random)
{
    struct checked_block *checked = zmalloc(sizeof *checked);
    maker *make = makers[next_random(random) % (sizeof makers / sizeof *makers)];
    struct making made = make(random_size(random), random);
    require(made.block, "no block of %zu bytes", made.n);
    require(made.alignment == 0 || (uintptr_t)made.block % made.alignment == 0,
            "block %p is not aligned to %zu", made.block, made.alignment);
    checked->block = made.block;
    checked->n = made.n;
    if (made.zero) {
        checked->fill = 0;
        check_contents(checked);
    }
    fill_parcel(checked, (unsigned char)next_random(random));
    return checked;
}

void resize_checked(struct checked_block *checked, uint64_t *random)
{
    size_t n = 1 + random_size(random);
    size_t kept = checked_length(n < checked->n ? n : checked->n);
    size_t usable = n;
    void *block = NULL;
    switch (next_random(random) % 4) {
    case 0:
        block = zrealloc(checked->block, n);
        break;
    case 1:
        block = ztryrealloc(checked->block, n);
        break;
    case 2:
        block = zrealloc_at_least(checked->block, n, &usable);
        break;
    default:
        block = ztryrealloc_at_least(checked->block, n, &usable);
        break;
    }
    require(block && usable >= n, "resizing %zu bytes to %zu failed", checked->n, n);
    checked->block = block;
    require_bytes(checked->block, kept, checked->fill);
    checked->n = usable;
    fill_parcel(checked, checked->fill);
}

static void release_block(void *block, uint64_t *random)
{
    switch (next_random(random) % 5) {
    case 0:
        zfree_with_size(block, zmalloc_usable(block));
        break;
    case 1:
        zfree_no_tcache(block);
        break;
    case 2:
        require(zrealloc(block, 0) == NULL, "zrealloc to 0 gave a block");
        break;
    default:
        zfree(block);
        break;
    }
}

void release_checked(struct checked_block *checked, uint64_t *random)
{
    release_block(checked->block, random);
    release_block(checked, random);
}

size_t checked_size(const struct checked_block *checked)
{
    return zmalloc_size(checked) + zmalloc_size(checked->block);
}
