/* backends/glibc_usable.c compiled as FreeBSD has it: its headers, and no statistics to tell. */
#include "backend.h"
#include "expect.h"

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
    return 0;
}
