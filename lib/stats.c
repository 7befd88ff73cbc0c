/* The public figures: what was counted, and what the system and the allocator say. */
#include "zmalloc.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "account.h"
#include "backend.h"
#include "probe.h"

/* The figure, or 0 where the probe failed. errno is the probe's then, else what it was before. */
static size_t answer(int failed, size_t bytes, int errno_before)
{
    if (failed)
        return 0;
    errno = errno_before;
    return bytes;
}

size_t zmalloc_used_memory(void)
{
    return zm_total();
}

void zmalloc_enable_thread_safeness(void)
{
}

size_t zmalloc_get_rss(void)
{
    int errno_before = errno;
    size_t bytes = 0;
    int failed = zm_probe_rss(&bytes);
    if (failed && errno == ENOSYS)
        return answer(0, zm_total(), errno_before);
    return answer(failed, bytes, errno_before);
}

float zmalloc_get_fragmentation_ratio(void)
{
    size_t used = zm_total();
    return used ? (float)zmalloc_get_rss() / (float)used : 0;
}

static int is_pid(long pid)
{
    return pid == -1 || pid > 0;
}

size_t zmalloc_get_private_dirty(long pid)
{
    int errno_before = errno;
    size_t bytes = 0;
    if (!is_pid(pid)) {
        errno = EINVAL;
        return 0;
    }
    int failed = zm_probe_private_dirty(pid, &bytes);
    return answer(failed, bytes, errno_before);
}

size_t zmalloc_get_smap_bytes_by_field(const char *field, long pid)
{
    int errno_before = errno;
    size_t bytes = 0;
    size_t length = field ? strlen(field) : 0;
    if (length > 0 && field[length - 1] == ':')
        length--;
    if (length == 0 || memchr(field, ':', length) || !is_pid(pid)) {
        errno = EINVAL;
        return 0;
    }
    int failed = zm_probe_smaps_field(field, length, pid, &bytes);
    return answer(failed, bytes, errno_before);
}

static void store(size_t *where, size_t value)
{
    if (where)
        *where = value;
}

int zmalloc_get_allocator_info(size_t *allocated, size_t *active, size_t *resident)
{
    int errno_before = errno;
    struct zm_allocator_info info = {ZM_NOT_TOLD, ZM_NOT_TOLD, ZM_NOT_TOLD};
    int told = zm_backend.info(&info);
    if (!told)
        info = (struct zm_allocator_info){0, 0, 0};
    if (info.allocated == ZM_NOT_TOLD)
        info.allocated = zm_total();
    if (info.resident == ZM_NOT_TOLD)
        info.resident = zmalloc_get_rss();
    store(allocated, info.allocated);
    store(active, info.active);
    store(resident, info.resident);
    errno = errno_before;
    return told;
}

size_t zmalloc_get_memory_size(void)
{
    int errno_before = errno;
    size_t bytes = 0;
    int failed = zm_probe_memory_size(&bytes);
    return answer(failed, bytes, errno_before);
}

static char lib_description[64];

static void describe_lib(void)
{
    int errno_before = errno;
    zm_backend.describe(lib_description, sizeof lib_description);
    errno = errno_before;
}

const char *zmalloc_lib(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, describe_lib);
    return lib_description;
}

const char *zmalloc_version(void)
{
    return ZMALLOC_VERSION_STRING;
}
