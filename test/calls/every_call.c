#include "every_call.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "variants.h"
#include "zmalloc.h"

/* Volatile, so that the compiler does not see the request and warn of it. */
static volatile size_t too_much = (size_t)PTRDIFF_MAX + 1;

static void allocate_and_release(void)
{
    static const size_t sizes[] = {1, 100, 5000, 300000};
    size_t back = 0;
    for (size_t call = 0; call < alloc_call_count; call++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            release_calls[back++ % release_call_count].release(
                alloc_calls[call].allocate(sizes[i]));
}

static void resize(void)
{
    for (size_t call = 0; call < resize_call_count; call++) {
        void *block = zmalloc(10);
        void *larger = resize_calls[call].resize(block, 100000);
        zfree(larger ? larger : block);
    }
}

static void copy_strings(void)
{
    zfree(zstrdup("a string"));
    zfree(ztrystrdup("a string"));
}

static void ask_about_a_block(void)
{
    void *block = zmalloc(100);
    (void)(zmalloc_size(block) + zmalloc_usable(block) + zmalloc_usable_size(block));
    (void)zmalloc_good_size(100);
    zfree(block);
}

static void go_on(size_t n)
{
    (void)n;
}

static void be_refused(void)
{
    zmalloc_set_oom_handler(go_on);
    zfree(zmalloc(too_much));
    zfree(ztrymalloc(too_much));
    zmalloc_set_oom_handler(NULL);
}

static void release_foreign_block(void)
{
    void *volatile foreign = malloc(10);
    zlibc_free(foreign);
}

static void ask_for_the_total(void)
{
    zmalloc_enable_thread_safeness();
    (void)zmalloc_used_memory();
}

static void ask_for_rss(void)
{
    (void)zmalloc_get_rss();
}

/* Nothing is asked of the system where no block lives. */
static void ask_for_the_ratio(void)
{
    void *block = zmalloc(100);
    (void)zmalloc_get_fragmentation_ratio();
    zfree(block);
}

static void ask_for_private_dirty(void)
{
    (void)zmalloc_get_private_dirty(-1);
    (void)zmalloc_get_private_dirty((long)getpid());
}

static void ask_for_a_field(void)
{
    (void)zmalloc_get_smap_bytes_by_field("Rss:", -1);
    (void)zmalloc_get_smap_bytes_by_field("Rss:", (long)getpid());
}

/* smaps_rollup lacks the first, and smaps the second. */
static void ask_for_a_field_of_smaps(void)
{
    (void)zmalloc_get_smap_bytes_by_field("Size:", -1);
    (void)zmalloc_get_smap_bytes_by_field("Nonesuch:", -1);
}

static void ask_the_allocator(void)
{
    size_t allocated, active, resident;
    (void)zmalloc_get_allocator_info(&allocated, &active, &resident);
}

static void ask_for_all_figures(void)
{
    struct zmalloc_info info;
    (void)zmalloc_get_info(&info, sizeof info, ~0U);
}

static void ask_for_memory_size(void)
{
    (void)zmalloc_get_memory_size();
}

static void ask_for_memory_limit(void)
{
    (void)zmalloc_get_memory_limit();
}

static void ask_for_names(void)
{
    (void)zmalloc_lib();
    (void)zmalloc_version();
}

static void fail_by_a_rule(void)
{
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 1);
    zfree(ztrymalloc(100));
    (void)zmalloc_failed(ZMALLOC_THIS_THREAD);
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
}

static void allocate_twice(void *unused)
{
    (void)unused;
    zfree(ztrymalloc(100));
    zfree(ztrymalloc(100));
}

static void fail_each(void)
{
    zmalloc_fail_each(ZMALLOC_THIS_THREAD, allocate_twice, NULL, NULL);
}

static int look_at(zgroup *group, void *bytes)
{
    *(size_t *)bytes += zgroup_used(group) + zgroup_peak(group) + zgroup_get_limit(group);
    return zgroup_name(group) == NULL;
}

static void use_a_group(void)
{
    zgroup *parent = zgroup_new("parent", NULL, 0), *group = zgroup_new("group", parent, 1 << 20);
    size_t bytes = 0;
    zgroup_free(group, zgroup_calloc(group, 3, 30));
    zgroup_free(group, zgroup_aligned_alloc(group, 64, 30));
    zgroup_free(group, zgroup_realloc(group, zgroup_malloc(group, 100), 5000));
    if (zgroup_charge(group, 100) == 0)
        zgroup_discharge(group, 100);
    zgroup_each(look_at, &bytes);
    zgroup_reset_peak(group);
    zgroup_set_limit(group, 0);
    parent = zgroup_parent(group);
    zgroup_destroy(group);
    zgroup_destroy(parent);
}

const struct call every_call[] = {
    {"a call of a group", use_a_group},
    {"a call that allocates or frees", allocate_and_release},
    {"a call that resizes", resize},
    {"zstrdup, ztrystrdup", copy_strings},
    {"a call about a block", ask_about_a_block},
    {"zmalloc, ztrymalloc of too much", be_refused},
    {"zlibc_free", release_foreign_block},
    {"zmalloc_used_memory", ask_for_the_total},
    {"zmalloc_get_rss", ask_for_rss},
    {"zmalloc_get_fragmentation_ratio", ask_for_the_ratio},
    {"zmalloc_get_private_dirty", ask_for_private_dirty},
    {"zmalloc_get_smap_bytes_by_field", ask_for_a_field},
    {"zmalloc_get_smap_bytes_by_field of smaps alone", ask_for_a_field_of_smaps},
    {"zmalloc_get_allocator_info", ask_the_allocator},
    {"zmalloc_get_info", ask_for_all_figures},
    {"zmalloc_get_memory_size", ask_for_memory_size},
    {"zmalloc_get_memory_limit", ask_for_memory_limit},
    {"zmalloc_purge", zmalloc_purge},
    {"zmalloc_lib, zmalloc_version", ask_for_names},
    {"zmalloc_fail, zmalloc_failed", fail_by_a_rule},
    {"zmalloc_fail_each", fail_each},
};
const size_t every_call_count = sizeof every_call / sizeof *every_call;
