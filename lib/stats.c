/* The public figures: what was counted, and what the system and the allocator say. */
#include "zmalloc.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "backend.h"
#include "cancel.h"
#include "limit.h"
#include "once.h"
#include "probe.h"

/* ---- Around every query ----
 *
 * No call here is a cancellation point, whatever a probe or an allocator does, and only a failure
 * sets errno. */

struct saved_state {
    int errno_before;
    int cancel_before;
};

static struct saved_state begin_query(void)
{
    int errno_before = errno;
    return (struct saved_state){errno_before, zm_cancel_off()};
}

/* Keeps the errno of what failed. */
static void end_query_failed(struct saved_state saved)
{
    zm_cancel_restore(saved.cancel_before);
}

static void end_query(struct saved_state saved)
{
    zm_cancel_restore(saved.cancel_before);
    errno = saved.errno_before;
}

/* The figure, or 0 where the probe failed. */
static size_t finish_query(struct saved_state saved, int failed, size_t bytes)
{
    if (failed) {
        end_query_failed(saved);
        return 0;
    }
    end_query(saved);
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
    size_t bytes = 0;
    struct saved_state saved = begin_query();
    int failed = zm_probe_rss(&bytes);
    if (failed && errno == ENOSYS)
        return finish_query(saved, 0, zm_total());
    return finish_query(saved, failed, bytes);
}

double zmalloc_get_fragmentation_ratio(void)
{
    size_t used = zm_total();
    return used ? (double)zmalloc_get_rss() / (double)used : 0;
}

static int is_pid(long pid)
{
    return pid == -1 || pid > 0;
}

size_t zmalloc_get_private_dirty(long pid)
{
    size_t bytes = 0;
    if (!is_pid(pid)) {
        errno = EINVAL;
        return 0;
    }
    struct saved_state saved = begin_query();
    int failed = zm_probe_private_dirty(pid, &bytes);
    return finish_query(saved, failed, bytes);
}

size_t zmalloc_get_smap_bytes_by_field(const char *field, long pid)
{
    size_t bytes = 0;
    size_t length = field ? strlen(field) : 0;
    if (length > 0 && field[length - 1] == ':')
        length--;
    if (length == 0 || memchr(field, ':', length) || !is_pid(pid)) {
        errno = EINVAL;
        return 0;
    }
    struct saved_state saved = begin_query();
    int failed = zm_probe_smaps_field(field, length, pid, &bytes);
    return finish_query(saved, failed, bytes);
}

/* ---- What the allocator says ---- */

static size_t no_less_than(size_t least, size_t figure)
{
    return figure != ZM_UNKNOWN && least != ZM_UNKNOWN && figure < least ? least : figure;
}

/* The allocator reads one figure after the other while threads allocate. A figure that is below one
 * that it must contain is raised to that. */
static struct zm_allocator_info ask_allocator(void)
{
    struct zm_allocator_info info = {ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN};
    zm_backend.info(&info);
    info.active = no_less_than(info.allocated, info.active);
    info.resident = no_less_than(info.allocated, info.resident);
    info.resident = no_less_than(info.active, info.resident);
    return info;
}

/* Stores the figure, 0 if it is not known. Returns whether it is. */
static int store_known(size_t *where, size_t figure)
{
    int known = figure != ZM_UNKNOWN;
    if (where)
        *where = known ? figure : 0;
    return known;
}

int zmalloc_get_allocator_info(size_t *allocated, size_t *active, size_t *resident)
{
    struct saved_state saved = begin_query();
    struct zm_allocator_info info = ask_allocator();
    end_query(saved);
    int told = store_known(allocated, info.allocated);
    told |= store_known(active, info.active);
    told |= store_known(resident, info.resident);
    return told;
}

void zmalloc_purge(void)
{
    struct saved_state saved = begin_query();
    zm_backend.purge();
    end_query(saved);
}

int zmalloc_print_stats(void (*write)(void *context, const char *text), void *context)
{
    if (!write || !zm_backend.report) {
        errno = write ? ENOSYS : EINVAL;
        return -1;
    }
    struct saved_state saved = begin_query();
    if (zm_backend.report(write, context) != 0) {
        end_query_failed(saved);
        return -1;
    }
    end_query(saved);
    return 0;
}

int zmalloc_mallctl(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen)
{
    if (!zm_backend.control)
        return ENOSYS;
    struct saved_state saved = begin_query();
    int result = zm_backend.control(name, oldp, oldlenp, newp, newlen);
    end_query(saved);
    return result;
}

/* ---- All figures at once ---- */

static uint64_t to_uint64(size_t figure)
{
    return figure == ZM_UNKNOWN ? ZMALLOC_UNKNOWN : figure;
}

/* SIZE_MAX of a probe is a figure: at least so much. */
static uint64_t probe_or_unknown(int (*probe)(size_t *bytes))
{
    size_t bytes;
    return probe(&bytes) == 0 ? bytes : ZMALLOC_UNKNOWN;
}

static int get_memory_limit(size_t *bytes)
{
    size_t machine, container = zm_probe_memory_limit();
    int failed = zm_probe_memory_size(&machine);
    *bytes = !failed && machine < container ? machine : container;
    return failed && container == SIZE_MAX ? -1 : 0;
}

static void fill_info(struct zmalloc_info *info, unsigned what)
{
    memset(info, 0xff, sizeof *info); /* ZMALLOC_UNKNOWN in each field */
    if (what & ZMALLOC_INFO_TOTAL) {
        info->used = zm_total();
        info->peak = zmalloc_get_peak_memory();
        if (info->peak < info->used)
            info->peak = info->used; /* reset in between */
        info->hard_limit = zmalloc_get_hard_limit();
        info->soft_limit = zmalloc_get_soft_limit();
    }
    if (what & ZMALLOC_INFO_SYSTEM) {
        info->rss = probe_or_unknown(zm_probe_rss);
        info->memory_size = probe_or_unknown(zm_probe_memory_size);
        info->memory_limit = probe_or_unknown(get_memory_limit);
    }
    if (what & ZMALLOC_INFO_ALLOCATOR) {
        struct zm_allocator_info told = ask_allocator();
        info->allocated = to_uint64(told.allocated);
        info->active = to_uint64(told.active);
        info->resident = to_uint64(told.resident);
        info->retained = to_uint64(told.retained);
        info->muzzy = to_uint64(told.muzzy);
    }
}

int zmalloc_get_info(struct zmalloc_info *info, size_t size, unsigned what)
{
    struct zmalloc_info known;
    if (!info || size == 0 || size % sizeof(uint64_t) != 0) {
        errno = EINVAL;
        return -1;
    }
    struct saved_state saved = begin_query();
    fill_info(&known, what);
    end_query(saved);
    memset(info, 0xff, size);
    memcpy(info, &known, size < sizeof known ? size : sizeof known);
    return 0;
}

/* ---- The machine and the library ---- */

size_t zmalloc_get_memory_size(void)
{
    size_t bytes = 0;
    struct saved_state saved = begin_query();
    int failed = zm_probe_memory_size(&bytes);
    return finish_query(saved, failed, bytes);
}

size_t zmalloc_get_memory_limit(void)
{
    size_t bytes = 0;
    struct saved_state saved = begin_query();
    int failed = get_memory_limit(&bytes);
    end_query(saved);
    return failed ? 0 : bytes;
}

static char lib_description[64];

static void describe_lib(void)
{
    struct saved_state saved = begin_query();
    zm_backend.describe(lib_description, sizeof lib_description);
    end_query(saved);
}

const char *zmalloc_lib(void)
{
    static struct zm_once once = ZM_ONCE_INIT;
    zm_once(&once, describe_lib);
    return lib_description;
}

const char *zmalloc_version(void)
{
    return ZMALLOC_VERSION_STRING;
}
