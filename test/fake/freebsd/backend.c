/* backends/glibc_usable.c compiled as FreeBSD has it: its headers, no statistics to tell, and its
 * malloc, which is jemalloc: it aligns a block of 8 bytes to 8 only. */
#undef malloc
#undef free
#include <stdlib.h>

#include "backend.h"
#include "expect.h"
#include "request.h"

/* What the backend calls for malloc() and free(). */
void *fake_malloc(size_t n);
void fake_free(void *block);

enum { HALF = _Alignof(max_align_t) / 2 };

void *fake_malloc(size_t n)
{
    expect(n >= zm_backend.min_request);
    char *block = malloc(n + HALF);
    return n <= HALF && zm_backend.min_request > 1 ? block + HALF : block;
}

void fake_free(void *block)
{
    char *start = block;
    free((uintptr_t)block % _Alignof(max_align_t) == 0 ? start : start - HALF);
}

/* Requests are raised so that it aligns them all: the fast path is open. */
static void expect_aligned_as_requests_are_raised(void)
{
    expect(zm_malloc_is_aligned());
}

int main(void)
{
    struct zm_allocator_info info = {ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN};
    zm_backend.info(&info);
    expect_equal(info.allocated, ZM_UNKNOWN);
    /* A block of 8 bytes is not aligned where objects want 16; one of 4 where they want 8. */
    size_t too_small = zm_backend.min_request - 1;
    expect(too_small == 0 || 2 * too_small == _Alignof(max_align_t));
    expect(too_small == 0 || too_small % sizeof(long) == 0);
    expect(too_small > 0 || _Alignof(max_align_t) == sizeof(long));
    void *block = zm_backend.malloc(100);
    size_t size = zm_backend.block_size(block);
    expect(size >= 100);
    expect_equal(zm_backend.usable_size(block), size);
    zm_backend.free_sized(block, size);
    expect_aligned_as_requests_are_raised();
    return 0;
}
