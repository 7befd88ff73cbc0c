/* jemalloc by mallocx and its kin. Never by plain malloc: the process's may be another. */
#define JEMALLOC_NO_DEMANGLE /* keep je_mallocx, a macro in builds without a prefix */
#include <jemalloc/jemalloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "compiler.h"
#include "config.h"

/* MALLCTL_ARENAS_ALL, as text. */
#define ZM_JE_ALL_ARENAS "4096"

static bool zm_je_read_size(const char *name, size_t *value)
{
    size_t length = sizeof *value;
    return je_mallctl(name, value, &length, NULL, 0) == 0;
}

/* ---- Alignment ----
 *
 * jemalloc's size classes are a quantum apart: 16 bytes as a rule, 8 in one configured
 * --with-lg-quantum=3, whose blocks of 24, 40 or 56 bytes are 8-aligned. There every request asks
 * for its alignment, which rounds it up to the next class that has it; elsewhere, and where a word
 * is enough, none needs to, and asking would change nothing but the time it takes. */

#if ZM_ALIGNS_TO_WORD
#define ZM_JE_ALIGNMENT sizeof(size_t)
#define ZM_JE_MIN_REQUEST 1
#else
#define ZM_JE_ALIGNMENT _Alignof(max_align_t)
#define ZM_JE_MIN_REQUEST ZM_MIN_ALIGNED_REQUEST
#endif

#define ZM_JE_ALIGN_FLAG MALLOCX_LG_ALIGN(ZM_JE_ALIGNMENT > 8 ? 4 : 3)

typedef void *zm_je_malloc_function(size_t n);

static void *zm_je_malloc_aligned(size_t n)
{
    return je_mallocx(n, ZM_JE_ALIGN_FLAG);
}

/* Written once, at load. */
static int zm_je_flags = ZM_JE_ALIGN_FLAG;
static zm_je_malloc_function *zm_je_malloc_pointer = zm_je_malloc_aligned;

#if ZM_JEMALLOC_HAS_PREFIX

static zm_je_malloc_function *zm_je_find_malloc(void)
{
    return je_malloc;
}

#else

#include <dlfcn.h>

static void *zm_je_malloc_by_mallocx(size_t n)
{
    return je_mallocx(n, 0);
}

static void *zm_je_module_of(void *address)
{
    Dl_info object;
    return dladdr(address, &object) ? object.dli_fbase : NULL;
}

/* jemalloc's malloc has a fast path that its mallocx lacks, worth 64 instructions a pair. It is
 * found by looking for `malloc` in the very object that mallocx came from; where that leads
 * anywhere else (jemalloc linked into a static program, say), mallocx serves. */
static zm_je_malloc_function *zm_je_find_malloc(void)
{
    void *mallocx_address;
    void *(*mallocx_function)(size_t, int) = je_mallocx;
    memcpy(&mallocx_address, &mallocx_function, sizeof mallocx_address);

    Dl_info jemalloc;
    if (!dladdr(mallocx_address, &jemalloc) || !jemalloc.dli_fname)
        return zm_je_malloc_by_mallocx;
    void *handle = dlopen(jemalloc.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        return zm_je_malloc_by_mallocx;
    void *malloc_address = dlsym(handle, "malloc");
    dlclose(handle);
    if (!malloc_address || zm_je_module_of(malloc_address) != jemalloc.dli_fbase)
        return zm_je_malloc_by_mallocx;
    zm_je_malloc_function *found;
    memcpy(&found, &malloc_address, sizeof found);
    return found;
}

#endif

ZM_CONSTRUCTOR static void zm_je_choose_malloc(void)
{
    size_t quantum;
    if (!zm_je_read_size("arenas.quantum", &quantum) || quantum < ZM_JE_ALIGNMENT)
        return;
    zm_je_flags = 0;
    zm_je_malloc_pointer = zm_je_find_malloc();
}

static void *zm_je_malloc(size_t n)
{
    return zm_je_malloc_pointer(n);
}

static void *zm_je_zalloc(size_t n)
{
    return je_mallocx(n, MALLOCX_ZERO | zm_je_flags);
}

static void *zm_je_malloc_no_tcache(size_t n)
{
    return je_mallocx(n, MALLOCX_TCACHE_NONE | zm_je_flags);
}

static void zm_je_free_no_tcache(void *p)
{
    je_dallocx(p, MALLOCX_TCACHE_NONE);
}

static void *zm_je_realloc(void *p, size_t n)
{
    return je_rallocx(p, n, zm_je_flags);
}

static void *zm_je_aligned_alloc(size_t align, size_t n)
{
    return je_mallocx(n, MALLOCX_ALIGN(align));
}

static void *zm_je_aligned_zalloc(size_t align, size_t n)
{
    return je_mallocx(n, MALLOCX_ALIGN(align) | MALLOCX_ZERO);
}

static void zm_je_free_sized(void *p, size_t size)
{
    je_sdallocx(p, size, 0);
}

/* In a private copy: see subprojects/packagefiles/jemalloc. */
#if ZM_HAVE_FREE_SIZING
#define ZM_JE_FREEING .free_sizing = je_free_sizing, .keeps_errno = true
#else
#define ZM_JE_FREEING .keeps_errno = false
#endif

static size_t zm_je_usable_size(void *p)
{
    return je_sallocx(p, 0);
}

static size_t zm_je_good_size(size_t n)
{
    return je_nallocx(n, ZM_JE_ALIGN_FLAG);
}

/* The figures are of the last epoch: start a new one. A jemalloc built without stats has none.
 * Muzzy are pages that the system may take back when it needs them (MADV_FREE). */
static void zm_je_info(struct zm_allocator_info *info)
{
    unsigned long long epoch = 1;
    size_t length = sizeof epoch, page_size, muzzy_pages;
    je_mallctl("epoch", &epoch, &length, &epoch, length);
    zm_je_read_size("stats.allocated", &info->allocated);
    zm_je_read_size("stats.active", &info->active);
    zm_je_read_size("stats.resident", &info->resident);
    zm_je_read_size("stats.retained", &info->retained);
    if (zm_je_read_size("arenas.page", &page_size)
        && zm_je_read_size("stats.arenas." ZM_JE_ALL_ARENAS ".pmuzzy", &muzzy_pages))
        info->muzzy = muzzy_pages * page_size;
}

/* Of all arenas, after what this thread has cached has gone back to its own. */
static void zm_je_purge(void)
{
    je_mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    je_mallctl("arena." ZM_JE_ALL_ARENAS ".purge", NULL, NULL, NULL, 0);
}

static int zm_je_report(void (*write)(void *context, const char *text), void *context)
{
    je_malloc_stats_print(write, context, NULL);
    return 0;
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

const struct zm_backend_vtable zm_backend = {
    .min_request = ZM_JE_MIN_REQUEST,
    .alignment = ZM_JE_ALIGNMENT,
    .malloc = zm_je_malloc,
    .zalloc = zm_je_zalloc,
    .malloc_no_tcache = zm_je_malloc_no_tcache,
    .free_no_tcache = zm_je_free_no_tcache,
    .realloc = zm_je_realloc,
    .aligned_alloc = zm_je_aligned_alloc,
    .aligned_zalloc = zm_je_aligned_zalloc,
    .free_sized = zm_je_free_sized,
    ZM_JE_FREEING,
    .query_costs_errno = true, /* it makes the thread's cache */
    .sizes_are_rounded = true,
    .block_size = zm_je_usable_size,
    .usable_size = zm_je_usable_size,
    .good_size = zm_je_good_size,
    .info = zm_je_info,
    .purge = zm_je_purge,
    .report = zm_je_report,
    .control = je_mallctl,
    .describe = zm_je_describe,
};
