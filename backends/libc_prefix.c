/* Any C library's malloc: a header in front of each block holds its size.
 *
 *     base                         block
 *     | ... | skip | size          | the caller's n bytes
 *
 * The size stands in the word just before the block. A block from aligned_alloc lies `align` bytes
 * past its base, not ZM_HEADER; the top bit of its size, which no size needs, says so, and the word
 * before holds the distance. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend.h"
#include "compiler.h"
#include "config.h"

/* 32-bit SPARC wants long long aligned to 8, which size_t there would not give. */
#if defined(__sparc__) || defined(__sparc)
typedef unsigned long long header_word;
#else
typedef size_t header_word;
#endif

#if ZM_PREFIX_IS_WORD
#define ZM_ALIGNMENT sizeof(header_word)
#else
#define ZM_ALIGNMENT _Alignof(max_align_t)
#endif
#define ZM_HEADER ((sizeof(header_word) + ZM_ALIGNMENT - 1) / ZM_ALIGNMENT * ZM_ALIGNMENT)

#define ZM_IS_ALIGNED (~(SIZE_MAX >> 1))

static header_word *header_of(void *block)
{
    return (header_word *)block - 1;
}

static bool is_aligned(void *block)
{
    return *header_of(block) & ZM_IS_ALIGNED;
}

/* From the block back to what malloc gave. */
static size_t skip_of(void *block)
{
    return is_aligned(block) ? (size_t)header_of(block)[-1] : ZM_HEADER;
}

static void *base_of(void *block)
{
    return (char *)block - skip_of(block);
}

static void *block_in(void *base, size_t n)
{
    if (!base)
        return NULL;
    void *block = (char *)base + ZM_HEADER;
    *header_of(block) = n;
    return block;
}

static void *aligned_block_in(void *base, size_t skip, size_t n)
{
    if (!base)
        return NULL;
    void *block = (char *)base + skip;
    header_of(block)[-1] = skip;
    *header_of(block) = n | ZM_IS_ALIGNED;
    return block;
}

static void *allocate(size_t n)
{
    return block_in(malloc(n + ZM_HEADER), n);
}

static void *zero_alloc(size_t n)
{
    return block_in(calloc(1, n + ZM_HEADER), n);
}

static void *resize(void *p, size_t n)
{
    size_t skip = skip_of(p);
    if (n > PTRDIFF_MAX - skip)
        return NULL;
    if (is_aligned(p))
        return aligned_block_in(realloc(base_of(p), n + skip), skip, n);
    return block_in(realloc(base_of(p), n + skip), n);
}

/* The distance must hold two words, and keep the block aligned: `align` does both when it is above
 * the header; ZM_HEADER of a word is doubled where it is not. */
static void *allocate_aligned(size_t align, size_t n)
{
    size_t skip = align < 2 * sizeof(header_word) ? 2 * sizeof(header_word) : align;
    if (n > PTRDIFF_MAX - skip)
        return NULL;
    void *base;
    if (posix_memalign(&base, align, n + skip) != 0)
        return NULL;
    return aligned_block_in(base, skip, n);
}

static void release(void *p)
{
    if (ZM_UNLIKELY(is_aligned(p)))
        free(base_of(p));
    else
        free((char *)p - ZM_HEADER);
}

static void release_sized(void *p, size_t size)
{
    (void)size;
    release(p);
}

static size_t usable_size(void *p)
{
    return (size_t)(*header_of(p) & ~(header_word)ZM_IS_ALIGNED);
}

static size_t block_size(void *p)
{
    if (ZM_UNLIKELY(is_aligned(p)))
        return usable_size(p) + skip_of(p);
    return (size_t)*header_of(p) + ZM_HEADER;
}

static int info(struct zm_allocator_info *info)
{
    (void)info;
    return 0;
}

static void describe(char *buf, size_t len)
{
    snprintf(buf, len, "libc");
}

const struct zmalloc_backend zm_backend = {
    .min_request = 1,
    .alignment = ZM_ALIGNMENT,
    .header = ZM_HEADER,
    .malloc = allocate,
    .zalloc = zero_alloc,
    .malloc_no_tcache = allocate,
    .free_no_tcache = release,
    .realloc = resize,
    .aligned_alloc = allocate_aligned,
    .free_sized = release_sized,
    .block_size = block_size,
    .usable_size = usable_size,
    .info = info,
    .describe = describe,
};
