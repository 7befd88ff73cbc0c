/* Where there is no <sys/sdt.h>, or -Dusdt=disabled: nobody outside can attach. */
#include "tracepoint.h"

void zm_probe_alloc(void *p, uint64_t size, uint64_t weighted_bytes)
{
    (void)p;
    (void)size;
    (void)weighted_bytes;
}

void zm_probe_free(void *p)
{
    (void)p;
}
