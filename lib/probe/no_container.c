/* For the systems on which nothing is known to limit the memory of a group of processes. */
#include <stdint.h>

#include "probe.h"

size_t zm_probe_memory_limit(void)
{
    return SIZE_MAX;
}
