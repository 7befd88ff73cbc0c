/* zmalloc/redis.h, as a server of the version that the build names uses it. Rules: what the server
 * calls is there and does what the server's own zmalloc does; every byte is counted. */
#include <zmalloc/redis.h>

#include <stdlib.h>

#include "total.h"

#ifdef HAVE_DEFRAG
#error "a jemalloc without the server's patch does no active defragmentation"
#endif

static void check_sizes_told(void)
{
    size_t usable = 0, before = 0;
    char *block = zmalloc_usable(100, &usable);
    require(usable >= 100 && usable == zmalloc_usable_size(block), "zmalloc_usable: %zu", usable);
    zfree(block);
    zfree(ztrymalloc_usable(100, NULL));
    zfree(ztrycalloc_usable(100, NULL));
    block = zcalloc_usable(100, &usable);
    require(block[0] == 0 && block[usable - 1] == 0, "zcalloc_usable is not zeroed");
    size_t had = usable;
    block = zrealloc_usable2(block, 1000, &usable, &before);
    require(usable >= 1000 && before == had, "zrealloc_usable2: %zu, %zu before", usable, before);
    had = usable;
    block = ztryrealloc_usable2(block, 5000, NULL, &before);
    require(before == had, "ztryrealloc_usable2: %zu before", before);
    block = zrealloc_usable(ztryrealloc_usable(block, 6000, NULL), 7000, NULL);
    had = zmalloc_usable_size(block);
    zfree_usable(block, &usable);
    require(usable == had, "zfree_usable: %zu of %zu", usable, had);
    zfree_usable(NULL, &usable);
    zfree_usable(zmalloc(1), NULL);
}

/* With _FORTIFY_SOURCE=3 a write past what was asked for would end the process. */
static void check_whole_block(void)
{
    volatile size_t n = 20;
    size_t usable;
    char *copy = zstrdup_usable("nineteen characters", &usable);
    require(strcmp(copy, "nineteen characters") == 0, "zstrdup_usable: %s", copy);
    memset(copy, 1, usable);
    zfree(copy);
    char *block = zmalloc(n);
    usable = zmalloc_usable_size(block);
    block = extend_to_usable(block, usable);
    memset(block, 1, usable);
    zfree(block);
    block = zmalloc_cache_aligned(n);
    require((uintptr_t)block % 64 == 0, "%p is not aligned to a cache line", (void *)block);
    zfree(block);
}

static bool is_on(const char *allocator)
{
    return strncmp(zmalloc_lib(), allocator, strlen(allocator)) == 0;
}

/* allocated, active, resident, retained, muzzy, free in slabs: as many as this server asks for. */
enum { FIGURES_ASKED = TEST_INFO_ARGUMENTS - (TEST_INFO_ARGUMENTS == 7) };

static int ask(size_t figures[])
{
#if TEST_INFO_ARGUMENTS == 7
    return zmalloc_get_allocator_info(1, &figures[0], &figures[1], &figures[2], &figures[3],
                                      &figures[4], &figures[5]);
#elif TEST_INFO_ARGUMENTS == 6
    return zmalloc_get_allocator_info(&figures[0], &figures[1], &figures[2], &figures[3],
                                      &figures[4], &figures[5]);
#elif TEST_INFO_ARGUMENTS == 5
    return zmalloc_get_allocator_info(&figures[0], &figures[1], &figures[2], &figures[3],
                                      &figures[4]);
#else
    return zmalloc_get_allocator_info(&figures[0], &figures[1], &figures[2]);
#endif
}

/* Each is the library's own of the same moment, and 0 where nobody tells it, or at a price. */
static void check_figures(void)
{
    size_t figures[6] = {1, 1, 1, 1, 1, 1};
    zfree(zmalloc(20 << 20));
    zmalloc_purge(); /* jemalloc retains the addresses */
    void *block = zmalloc(1 << 20);
    require(ask(figures), "a server takes 0 for a failure");
    struct zmalloc_info info;
    zmalloc_get_info(&info, sizeof info, ZMALLOC_INFO_ALLOCATOR);
    const uint64_t told[] = {info.allocated, info.active, info.resident, info.retained, info.muzzy};
    for (int i = 0; i < FIGURES_ASKED && i < 5; i++) {
        bool is_told = told[i] != ZMALLOC_UNKNOWN && (is_on("jemalloc") || is_on("tcmalloc"));
        require(figures[i] == (is_told ? told[i] : 0), "figure %d is %zu, and by zmalloc_info %llu",
                i, figures[i], (unsigned long long)told[i]);
    }
    if (is_on("jemalloc") || is_on("tcmalloc"))
        require(figures[0] >= 1 << 20 && figures[0] <= figures[1] && figures[1] <= figures[2],
                "%zu, %zu, %zu", figures[0], figures[1], figures[2]);
    bool retains = false;
    size_t size = sizeof retains;
    if (FIGURES_ASKED >= 5 && zmalloc_mallctl("opt.retain", &retains, &size, NULL, 0) == 0
        && retains)
        require(figures[3] > 0, "20 MiB were given back, and none of them is retained");
#if TEST_INFO_ARGUMENTS == 7
    zmalloc_get_allocator_info(1, &figures[0], &figures[1], &figures[2], NULL, NULL, NULL);
#elif TEST_INFO_ARGUMENTS == 6
    zmalloc_get_allocator_info(&figures[0], &figures[1], &figures[2], NULL, NULL, NULL);
#endif
    zmalloc_get_allocator_info_by_arena(0, 1, &figures[0], &figures[1], &figures[2], &figures[3]);
    require(figures[0] <= figures[1] || !figures[1], "arena 0: %zu, %zu", figures[0], figures[1]);
    require(zmalloc_get_peak_memory_time() > 1000000000, "the peak was before there were servers");
    zfree(block);
}

/* Every second of many small blocks is free, but for what the thread's cache keeps. */
static void check_free_in_slabs(void)
{
    enum { BLOCKS = 20000, SIZE = 100 };
    static void *blocks[BLOCKS];
    size_t before[6] = {0}, after[6] = {0};
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = zmalloc(SIZE);
    ask(before);
    for (int i = 0; i < BLOCKS; i += 2)
        zfree(blocks[i]);
    ask(after);
    for (int i = 1; i < BLOCKS; i += 2)
        zfree(blocks[i]);
    if (FIGURES_ASKED < 6)
        return;
    require(after[5] <= after[1], "%zu of %zu are free in slabs", after[5], after[1]);
    if (is_on("jemalloc"))
        require(after[5] >= before[5] + BLOCKS / 4 * SIZE, "%zu were free in slabs, and now %zu",
                before[5], after[5]);
    else
        require(after[5] == 0, "%zu are free in slabs that are not there", after[5]);
}

/* As jemalloc says itself, where it can have such threads: the thread sanitizer does not know them.
 */
static void check_background_thread(void)
{
    if (UNDER_THREAD_SANITIZER)
        return;
    for (int wanted = 1; wanted >= 0; wanted--) {
        bool value = wanted != 0, is_there = !value;
        size_t size = sizeof is_there;
        if (zmalloc_mallctl("background_thread", NULL, NULL, &value, sizeof value) != 0)
            return;
        set_jemalloc_bg_thread(!wanted);
        zmalloc_mallctl("background_thread", &is_there, &size, NULL, 0);
        require(is_there == !wanted, "the background thread is %s", is_there ? "on" : "off");
        set_jemalloc_bg_thread(0);
    }
}

/* Whole pages are given back; what is before and behind them stays. */
static void check_giving_back(void)
{
    const size_t n = 1 << 20;
    char *block = zmalloc(n);
    memset(block, 7, n);
#if TEST_HINTS_SIZE
    zmadvise_dontneed(block, 1000);
    require(block[n / 2] == 7, "a small block was given back");
    zmadvise_dontneed(block, n);
#else
    zmadvise_dontneed(block);
#endif
#ifdef __linux__
    size_t kept = 0, page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < n; i++)
        kept += block[i] != 0;
    require(kept < 2 * page, "%zu bytes are still there", kept);
    require(((uintptr_t)block % page == 0 || block[0] == 7), "the page before was given back");
#endif
    zfree(block);
    require(jemalloc_purge() == 0, "a server takes this for an error");
    zlibc_trim();
}

#ifdef USE_JEMALLOC

static void do_nothing(size_t n)
{
    (void)n;
}

/* The profile keeps no block that is freed, by whatever call. */
static void check_profile(void)
{
    if (zmalloc_profile_start(1) != 0)
        return;
    zfree_with_flags(zmalloc(100), MALLOCX_TCACHE_NONE);
    zfree_with_flags(zmalloc(100), 0);
    zmalloc_profile_stop();
    FILE *profile = tmpfile();
    require(profile && zmalloc_profile_write(fileno(profile)) == 0, "no profile is written");
    rewind(profile);
    char line[200];
    require(fgets(line, sizeof line, profile) && strncmp(line, "heap profile: 0:", 16) == 0,
            "blocks are in the profile that are freed: %s", line);
    fclose(profile);
}

static void check_jemalloc(void)
{
    unsigned arena = 0;
    size_t size = sizeof arena;
    require(je_mallctl("arenas.create", &arena, &size, NULL, 0) == 0 && arena > 0, "no arena");
    const size_t before = zmalloc_used_memory();
    int flags = MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE;
    char *block = zmalloc_with_flags(100, flags);
    require_total(before + zmalloc_size(block), "a block of an arena");
    block = zrealloc_with_flags(block, 100000, flags);
    require_total(before + zmalloc_size(block), "resized");
#if TEST_HAS_ARENAS
    size_t allocated, active, resident, free_in_slabs;
    zmalloc_get_allocator_info_by_arena(arena, 1, &allocated, &active, &resident, &free_in_slabs);
    require(allocated >= 100000, "%zu bytes are in the arena", allocated);
#endif
    zmalloc_set_hard_limit(zmalloc_used_memory() + 1000);
    zmalloc_set_oom_handler(do_nothing);
    require(!zmalloc_with_flags(100000, flags), "the hard limit was passed");
    require(!zrealloc_with_flags(block, 300000, flags), "the hard limit was passed");
    zmalloc_set_hard_limit(0);
    require(!zrealloc_with_flags(block, 0, flags), "resized to nothing");
    zfree_with_flags(NULL, flags);
    zfree(zmalloc_with_flags(0, flags));
    require_total(before, "all freed");
    require(je_nallocx(100, 0) >= 100, "je_nallocx");
    check_profile();
}

#endif

int main(void)
{
    void *first = zmalloc(100);
    const size_t before = zmalloc_used_memory();
    check_sizes_told();
    check_whole_block();
    check_figures();
    check_free_in_slabs();
    check_giving_back();
    check_background_thread();
#ifdef USE_JEMALLOC
    check_jemalloc();
#endif
    require_total(before, "all freed");
    zfree(first);
    printf("%s\n", ZMALLOC_LIB);
    return 0;
}
