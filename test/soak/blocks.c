#include "blocks.h"

#include <string.h>

/* In the block's first bytes. Its last byte, and one on each of some pages between, hold `mark`. */
struct label {
    uint32_t n;
    uint32_t mark;
};
enum { SMALLEST_BLOCK = 2 * sizeof(struct label), PAGE = 4096, MOST_PAGES = 16 };

/* Half of the blocks have less than 64 bytes and each further doubling is half as frequent, but
 * that one block in 1,024 has any size up to the largest. */
static size_t random_size(uint64_t *random)
{
    uint64_t bits = next_random(random);
    if (bits % 1024 == 0)
        return SMALLEST_BLOCK + (bits >> 10) % (LARGEST_BLOCK - SMALLEST_BLOCK + 1);
    size_t range = 64;
    for (bits >>= 10; bits & 1 && range < LARGEST_BLOCK / 2; bits >>= 1)
        range *= 2;
    return SMALLEST_BLOCK + (bits >> 1) % range;
}

/* Not each page of a large block: the time would go into the system's clearing them. */
static size_t step_of(size_t n)
{
    size_t step = n / MOST_PAGES;
    return step < PAGE ? PAGE : step;
}

static void write_marks(unsigned char *block, size_t n, uint32_t mark)
{
    const struct label label = {(uint32_t)n, mark};
    size_t step = step_of(n);
    for (size_t at = step; at < n; at += step)
        block[at] = (unsigned char)mark;
    block[n - 1] = (unsigned char)mark;
    memcpy(block, &label, sizeof label);
}

static struct label check_marks(const unsigned char *block)
{
    struct label label;
    memcpy(&label, block, sizeof label);
    require(label.n >= SMALLEST_BLOCK && label.n <= LARGEST_BLOCK,
            "a block says that it has %u bytes", label.n);
    size_t step = step_of(label.n);
    for (size_t at = step; at < label.n; at += step)
        require(block[at] == (unsigned char)label.mark, "byte %zu of %u is another", at, label.n);
    require(block[label.n - 1] == (unsigned char)label.mark, "the last of %u bytes is another",
            label.n);
    return label;
}

static void require_zero(const unsigned char *block, size_t n)
{
    require(block[0] == 0 && block[n / 2] == 0 && block[n - 1] == 0,
            "a fresh block of %zu bytes is not zero", n);
}

static void *get_zeroed(size_t n, uint64_t how)
{
    void *block = how % 2 ? zcalloc(n) : ztrycalloc_num(n, 1);
    if (block)
        require_zero(block, n);
    return block;
}

static void *get_aligned(size_t n, uint64_t how)
{
    size_t align = (size_t)16 << how % 9;
    void *block = zaligned_alloc(align, n);
    require((uintptr_t)block % align == 0, "block %p is not aligned to %zu", block, align);
    return block;
}

static void *get(size_t n, uint64_t how)
{
    size_t usable;
    switch (how % 16) {
    case 0:
    case 1:
        return get_zeroed(n, how / 16);
    case 2:
        return get_aligned(n, how / 16);
    case 3:
        return zmalloc_at_least(n, &usable);
    case 4:
        return zmalloc_no_tcache(n);
    case 5:
        return zrealloc(NULL, n);
    case 6:
    case 7:
        return ztrymalloc(n);
    default:
        return zmalloc(n);
    }
}

void *make_block(uint64_t *random)
{
    uint64_t how = next_random(random);
    size_t n = random_size(random);
    void *block = get(n, how);
    require(block, "no block of %zu bytes", n);
    write_marks(block, n, (uint32_t)how);
    return block;
}

void *resize_block(void *block, uint64_t *random)
{
    struct label old = check_marks(block);
    size_t n = random_size(random), usable;
    void *moved =
        next_random(random) % 4 ? zrealloc(block, n) : zrealloc_at_least(block, n, &usable);
    require(moved, "no %zu bytes for a block of %u", n, old.n);
    require(memcmp(moved, &old, sizeof old) == 0, "a block that was resized begins with others");
    write_marks(moved, n, old.mark);
    return moved;
}

void release_block(void *block, uint64_t *random)
{
    check_marks(block);
    switch (next_random(random) % 8) {
    case 0:
        zfree_with_size(block, zmalloc_usable(block));
        break;
    case 1:
        zfree_no_tcache(block);
        break;
    default:
        zfree(block);
    }
}
