/* mimalloc, 2.0 or newer, by its mi_ names only. */
#include <mimalloc.h>
#include <stddef.h>
#include <stdio.h>

#include "backend.h"
#include "compiler.h"

/* When mimalloc first maps memory it looks for NUMA nodes, and leaves in errno that there is none.
 * Let that be at load, not in a call that succeeds. */
ZM_CONSTRUCTOR static void find_numa_nodes(void)
{
    mi_free(mi_malloc(1));
}

/* mi_malloc_aligned of 2.0.9 and before takes a short cut for 256, 512 and 1024 bytes that aligns
 * them to 128 only. */
static void *zm_mi_aligned_alloc(size_t align, size_t n)
{
    return mi_malloc_aligned_at(n, align, 0);
}

static void zm_mi_free_sized(void *p, size_t size)
{
    (void)size;
    mi_free(p);
}

static size_t zm_mi_usable_size(void *p)
{
    return mi_usable_size(p);
}

/* Not so for padded builds and from 512 KiB up, nor after mi_realloc; the table asks only of small
 * fresh blocks, and checks. */
static size_t zm_mi_good_size(size_t n)
{
    return mi_good_size(n);
}

/* mimalloc counts what it has committed, but not what it has handed out, and on Linux gives the
 * committed bytes for the resident ones too. */
static int zm_mi_info(struct zm_allocator_info *info)
{
    size_t elapsed, user, system, rss, peak_rss, peak_commit, faults;
    mi_process_info(&elapsed, &user, &system, &rss, &peak_rss, &info->active, &peak_commit,
                    &faults);
    return 1;
}

/* One decimal digit each of major, minor and patch. */
static void zm_mi_describe(char *buf, size_t len)
{
    int version = mi_version();
    snprintf(buf, len, "mimalloc-%d.%d.%d", version / 100, version / 10 % 10, version % 10);
}

const struct zmalloc_backend zm_backend = {
    .min_request = ZM_LEAST_ALIGNED_REQUEST,
    .alignment = _Alignof(max_align_t),
    .malloc = mi_malloc,
    .zalloc = mi_zalloc,
    .malloc_no_tcache = mi_malloc,
    .free_no_tcache = mi_free,
    .realloc = mi_realloc,
    .aligned_alloc = zm_mi_aligned_alloc,
    .free_sized = zm_mi_free_sized,
    .block_size = zm_mi_usable_size,
    .usable_size = zm_mi_usable_size,
    .takes_null = true,
    .good_size = zm_mi_good_size,
    .info = zm_mi_info,
    .describe = zm_mi_describe,
};
