/* jemalloc, by its own names only: mallocx and kin. Its `malloc` may not be the process's. */
#define JEMALLOC_NO_DEMANGLE /* keep je_mallocx and kin, which a plain build defines as macros */
#include <jemalloc/jemalloc.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "config.h"

#if ZM_JEMALLOC_HAS_PREFIX

#define ZM_JE_MALLOC je_malloc

#else

#include <dlfcn.h>

#include "compiler.h"

static void *zm_je_malloc_by_mallocx(size_t n)
{
    return je_mallocx(n, 0);
}

/* Written once, when the library is loaded. */
typedef void *malloc_function(size_t n);
static malloc_function *fast_malloc = zm_je_malloc_by_mallocx;

static void *zm_je_object_of(void *address)
{
    Dl_info object;
    return dladdr(address, &object) ? object.dli_fbase : NULL;
}

/* jemalloc's malloc has a fast path that its mallocx lacks, worth 64 instructions a pair. It is
 * found by looking for `malloc` in the very object that mallocx came from; where that leads
 * anywhere else (jemalloc linked into a static program, say), mallocx goes on serving. */
ZM_CONSTRUCTOR static void find_fast_malloc(void)
{
    void *mallocx_address;
    void *(*mallocx_function)(size_t, int) = je_mallocx;
    memcpy(&mallocx_address, &mallocx_function, sizeof mallocx_address);

    Dl_info jemalloc;
    if (!dladdr(mallocx_address, &jemalloc) || !jemalloc.dli_fname)
        return;
    void *handle = dlopen(jemalloc.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        return;
    void *malloc_address = dlsym(handle, "malloc");
    dlclose(handle);
    if (!malloc_address || zm_je_object_of(malloc_address) != jemalloc.dli_fbase)
        return;
    memcpy(&fast_malloc, &malloc_address, sizeof fast_malloc);
}

static void *zm_je_malloc_by_fast_path(size_t n)
{
    return fast_malloc(n);
}

#define ZM_JE_MALLOC zm_je_malloc_by_fast_path

#endif

static void *zm_je_zalloc(size_t n)
{
    return je_mallocx(n, MALLOCX_ZERO);
}

static void *zm_je_malloc_no_tcache(size_t n)
{
    return je_mallocx(n, MALLOCX_TCACHE_NONE);
}

static void zm_je_free_no_tcache(void *p)
{
    je_dallocx(p, MALLOCX_TCACHE_NONE);
}

static void *zm_je_realloc(void *p, size_t n)
{
    return je_rallocx(p, n, 0);
}

static void *zm_je_aligned_alloc(size_t align, size_t n)
{
    return je_mallocx(n, MALLOCX_ALIGN(align));
}

static void zm_je_free_sized(void *p, size_t size)
{
    je_sdallocx(p, size, 0);
}

static size_t zm_je_usable_size(void *p)
{
    return je_sallocx(p, 0);
}

static size_t zm_je_good_size(size_t n)
{
    return je_nallocx(n, 0);
}

static int zm_je_read_stat(const char *name, size_t *value)
{
    size_t length = sizeof *value;
    return je_mallctl(name, value, &length, NULL, 0);
}

/* The figures are of the last epoch: start a new one. A jemalloc built without stats has none. */
static int zm_je_info(struct zm_allocator_info *info)
{
    unsigned long long epoch = 1;
    size_t length = sizeof epoch;
    je_mallctl("epoch", &epoch, &length, &epoch, length);
    return zm_je_read_stat("stats.allocated", &info->allocated) == 0
           && zm_je_read_stat("stats.active", &info->active) == 0
           && zm_je_read_stat("stats.resident", &info->resident) == 0;
}

/* "5.3.0-0-g54eaed1d8b56..." without what follows the first dash. There is no telling it where
 * jemalloc has no memory to begin with. */
static void zm_je_describe(char *buf, size_t len)
{
    const char *version;
    size_t length = sizeof version;
    if (je_mallctl("version", &version, &length, NULL, 0) != 0)
        snprintf(buf, len, "jemalloc");
    else
        snprintf(buf, len, "jemalloc-%.*s", (int)strcspn(version, "-"), version);
}

const struct zmalloc_backend zm_backend = {
    .min_request = ZM_LEAST_ALIGNED_REQUEST,
    .alignment = _Alignof(max_align_t),
    .malloc = ZM_JE_MALLOC,
    .zalloc = zm_je_zalloc,
    .malloc_no_tcache = zm_je_malloc_no_tcache,
    .free_no_tcache = zm_je_free_no_tcache,
    .realloc = zm_je_realloc,
    .aligned_alloc = zm_je_aligned_alloc,
    .free_sized = zm_je_free_sized,
    .block_size = zm_je_usable_size,
    .usable_size = zm_je_usable_size,
    .good_size = zm_je_good_size,
    .info = zm_je_info,
    .describe = zm_je_describe,
};
