/* backends/glibc_usable.c compiled as FreeBSD has it: its headers, and no statistics to tell. */
#include "backend.h"
#include "expect.h"

int main(void)
{
    struct zm_allocator_info info = {ZM_NOT_TOLD, ZM_NOT_TOLD, ZM_NOT_TOLD};
    expect_equal(zm_backend.info(&info), 0);
    expect_equal(zm_backend.min_request, 9);
    void *block = zm_backend.malloc(100);
    size_t size = zm_backend.block_size(block);
    expect(size >= 100);
    expect_equal(zm_backend.usable_size(block), size);
    zm_backend.free_sized(block, size);
    return 0;
}
