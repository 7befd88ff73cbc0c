/* Any C library's malloc: a header in front of each block holds its size.
 *
 *     base                                   block
 *     | ... | whole header | skip | size     | the caller's n bytes | rest
 *
 * The size stands in the word just before the block. A block from aligned_alloc lies somewhere in
 * what malloc gave, not ZM_HEADER past its base; the top bit of its size, which no size needs, says
 * so. The word before holds the distance, and the one before that how much more than n malloc was
 * asked for. Not by posix_memalign or the like: a program that brings a malloc of its own need not
 * bring that, and free would get the C library's block. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend.h"
#include "compiler.h"
#include "config.h"
#include "libc_module.h"
#include "libc_report.h"

#if ZM_HAVE_MALLOC_TRIM
#include <malloc.h>
#endif

/* 32-bit SPARC wants long long aligned to 8, which size_t there would not give. */
#if defined(__sparc__) || defined(__sparc)
typedef unsigned long long zm_prefix_word;
#else
typedef size_t zm_prefix_word;
#endif

#if ZM_ALIGNS_TO_WORD
#define ZM_ALIGNMENT sizeof(zm_prefix_word)
#else
#define ZM_ALIGNMENT _Alignof(max_align_t)
#endif
#define ZM_HEADER ((sizeof(zm_prefix_word) + ZM_ALIGNMENT - 1) / ZM_ALIGNMENT * ZM_ALIGNMENT)

#define ZM_OVERALIGNED (~(SIZE_MAX >> 1))

static zm_prefix_word *zm_prefix_header_of(void *block)
{
    return (zm_prefix_word *)block - 1;
}

static bool zm_prefix_is_overaligned(void *block)
{
    return *zm_prefix_header_of(block) & ZM_OVERALIGNED;
}

/* Distance from malloc's block to ours. */
static size_t zm_prefix_offset_of(void *block)
{
    return zm_prefix_is_overaligned(block) ? (size_t)zm_prefix_header_of(block)[-1] : ZM_HEADER;
}

static void *zm_prefix_base_of(void *block)
{
    return (char *)block - zm_prefix_offset_of(block);
}

static void *zm_prefix_put_header(void *base, size_t n)
{
    if (!base)
        return NULL;
    void *block = (char *)base + ZM_HEADER;
    *zm_prefix_header_of(block) = n;
    return block;
}

/* Room for three words, and to move the block up to where it is aligned; a multiple of the
 * alignment, so that a base that realloc moves leaves the block aligned for any object. */
static size_t zm_prefix_whole_header(size_t align)
{
    size_t words = 3 * sizeof(zm_prefix_word);
    return align + (words + ZM_ALIGNMENT - 1) / ZM_ALIGNMENT * ZM_ALIGNMENT;
}

static void *zm_prefix_put_aligned_header(void *base, size_t offset, size_t whole, size_t n)
{
    if (!base)
        return NULL;
    void *block = (char *)base + offset;
    zm_prefix_header_of(block)[-2] = whole;
    zm_prefix_header_of(block)[-1] = offset;
    *zm_prefix_header_of(block) = n | ZM_OVERALIGNED;
    return block;
}

static void *zm_prefix_malloc(size_t n)
{
    return zm_prefix_put_header(malloc(n + ZM_HEADER), n);
}

static void *zm_prefix_zalloc(size_t n)
{
    return zm_prefix_put_header(calloc(1, n + ZM_HEADER), n);
}

static void *zm_prefix_realloc_overaligned(void *p, size_t n)
{
    size_t offset = zm_prefix_offset_of(p), whole = (size_t)zm_prefix_header_of(p)[-2];
    if (n > PTRDIFF_MAX - whole)
        return NULL;
    return zm_prefix_put_aligned_header(realloc(zm_prefix_base_of(p), n + whole), offset, whole, n);
}

static void *zm_prefix_realloc(void *p, size_t n)
{
    if (zm_prefix_is_overaligned(p))
        return zm_prefix_realloc_overaligned(p, n);
    if (n > PTRDIFF_MAX - ZM_HEADER)
        return NULL;
    return zm_prefix_put_header(realloc(zm_prefix_base_of(p), n + ZM_HEADER), n);
}

static void *zm_prefix_aligned_alloc(size_t align, size_t n)
{
    size_t whole = zm_prefix_whole_header(align);
    if (n > PTRDIFF_MAX - whole)
        return NULL;
    char *base = malloc(n + whole);
    uintptr_t least = (uintptr_t)base + 3 * sizeof(zm_prefix_word);
    size_t offset = (size_t)((least + align - 1) / align * align - (uintptr_t)base);
    return zm_prefix_put_aligned_header(base, offset, whole, n);
}

static void zm_prefix_free(void *p)
{
    if (ZM_UNLIKELY(zm_prefix_is_overaligned(p)))
        free(zm_prefix_base_of(p));
    else
        free((char *)p - ZM_HEADER);
}

static void zm_prefix_free_sized(void *p, size_t size)
{
    (void)size;
    zm_prefix_free(p);
}

static size_t zm_prefix_usable_size(void *p)
{
    return (size_t)(*zm_prefix_header_of(p) & ~(zm_prefix_word)ZM_OVERALIGNED);
}

static size_t zm_prefix_block_size(void *p)
{
    if (ZM_UNLIKELY(zm_prefix_is_overaligned(p)))
        return zm_prefix_usable_size(p) + (size_t)zm_prefix_header_of(p)[-2];
    return (size_t)*zm_prefix_header_of(p) + ZM_HEADER;
}

static void zm_prefix_info(struct zm_allocator_info *info)
{
    (void)info;
}

#if ZM_HAVE_MALLOC_TRIM

static void zm_prefix_purge(void)
{
    malloc_trim(0);
}

#else

static void zm_prefix_purge(void)
{
}

#endif

static void zm_prefix_describe(char *buf, size_t len)
{
    snprintf(buf, len, "libc");
}

const struct zm_backend_vtable zm_backend = {
    .min_request = 1,
    .alignment = ZM_ALIGNMENT,
    .is_process_malloc = true,
    .header = ZM_HEADER,
    .malloc = zm_prefix_malloc,
    .zalloc = zm_prefix_zalloc,
    .malloc_no_tcache = zm_prefix_malloc,
    .free_no_tcache = zm_prefix_free,
    .realloc = zm_prefix_realloc,
    .aligned_alloc = zm_prefix_aligned_alloc,
    .free_sized = zm_prefix_free_sized,
    .block_size = zm_prefix_block_size,
    .usable_size = zm_prefix_usable_size,
    .keeps_errno = ZM_LIBC_KEEPS_ERRNO,
    .can_free_fast = zm_libc_frees_as_built,
    .info = zm_prefix_info,
    .purge = zm_prefix_purge,
    ZM_LIBC_REPORT,
    .describe = zm_prefix_describe,
};
