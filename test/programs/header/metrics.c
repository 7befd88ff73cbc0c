/* Rule: prometheus.h needs no other header in front of it, and may come twice. */
#include "zmalloc/prometheus.h"

#include "zmalloc/prometheus.h"

size_t both(char *buf, size_t len);

size_t both(char *buf, size_t len)
{
    return zmalloc_prometheus(buf, len) + zmalloc_prometheus_info(NULL, 0, ZMALLOC_INFO_TOTAL);
}
