/* backends/jemalloc.c against a jemalloc that notes what it is called with. */
#include "backend.h"

#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "fake_calls.h"

#ifndef FAKE_QUANTUM
#define FAKE_QUANTUM 16
#endif

void *je_malloc(size_t size)
{
    return fake_call("je_malloc", NULL, size, 0);
}

void *je_mallocx(size_t size, int flags)
{
    return fake_call("je_mallocx", NULL, size, (size_t)flags);
}

void *je_rallocx(void *block, size_t size, int flags)
{
    return fake_call("je_rallocx", block, size, (size_t)flags);
}

void je_dallocx(void *block, int flags)
{
    fake_call("je_dallocx", block, 0, (size_t)flags);
}

void je_sdallocx(void *block, size_t size, int flags)
{
    fake_call("je_sdallocx", block, size, (size_t)flags);
}

size_t je_sallocx(const void *block, int flags)
{
    fake_call("je_sallocx", block, 0, (size_t)flags);
    return FAKE_BLOCK_SIZE;
}

size_t je_nallocx(size_t size, int flags)
{
    fake_call("je_nallocx", NULL, size, (size_t)flags);
    return FAKE_BLOCK_SIZE;
}

/* jemalloc tells the figures as they were when the epoch began. */
static struct stat {
    const char *name;
    size_t now;
    size_t told;
    bool missing;
} stats[] = {
    {.name = "stats.allocated"},          {.name = "stats.active"},
    {.name = "stats.resident"},           {.name = "stats.retained"},
    {.name = "stats.arenas.4096.pmuzzy"},
};
#define STATS (sizeof stats / sizeof *stats)

static int begin_epoch(const void *new, size_t new_length)
{
    if (!new || new_length != sizeof(uint64_t))
        return EINVAL;
    for (size_t i = 0; i < STATS; i++)
        stats[i].told = stats[i].now;
    return 0;
}

static int tell(const void *value, size_t size, void *old, size_t *old_length, const void *new)
{
    if (new)
        return EPERM;
    if (!old || *old_length != size)
        return EINVAL;
    memcpy(old, value, size);
    return 0;
}

/* How far apart size classes are. Asked for at load. */
static size_t quantum = FAKE_QUANTUM;
static const size_t page_size = 4096;

/* As it is where jemalloc cannot make the tables of what it tells. */
static bool no_memory;

int je_mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length)
{
    static const char *const version = "9.8.7-0-gabc";
    if (strcmp(name, "epoch") == 0)
        return begin_epoch(new, new_length);
    if (no_memory)
        return EAGAIN;
    if (strcmp(name, "thread.tcache.flush") == 0 || strcmp(name, "arena.4096.purge") == 0)
        return fake_call(name, NULL, 0, 0) ? 0 : EINVAL;
    if (strcmp(name, "version") == 0)
        return tell(&version, sizeof version, old, old_length, new);
    if (strcmp(name, "arenas.quantum") == 0)
        return tell(&quantum, sizeof quantum, old, old_length, new);
    if (strcmp(name, "arenas.page") == 0)
        return tell(&page_size, sizeof page_size, old, old_length, new);
    for (size_t i = 0; i < STATS; i++)
        if (strcmp(name, stats[i].name) == 0 && !stats[i].missing)
            return tell(&stats[i].told, sizeof stats[i].told, old, old_length, new);
    return ENOENT;
}

/* Where the quantum aligns no block for any object, each request asks for its alignment. */
static const size_t object = MALLOCX_ALIGN(_Alignof(max_align_t));
static const bool must_ask = FAKE_QUANTUM < _Alignof(max_align_t);

static void expect_flags(void)
{
    const size_t align = must_ask ? object : 0;
    expect(zm_backend.malloc(100) == fake_block);
    if (must_ask)
        expect_call("je_mallocx", NULL, 100, align);
    else
        expect_call("je_malloc", NULL, 100, 0);
    expect(zm_backend.zalloc(100) == fake_block);
    expect_call("je_mallocx", NULL, 100, MALLOCX_ZERO | align);
    expect(zm_backend.malloc_no_tcache(100) == fake_block);
    expect_call("je_mallocx", NULL, 100, MALLOCX_TCACHE_NONE | align);
    zm_backend.free_no_tcache(fake_block);
    expect_call("je_dallocx", fake_block, 0, MALLOCX_TCACHE_NONE);
    expect(zm_backend.realloc(fake_block, 100) == fake_block);
    expect_call("je_rallocx", fake_block, 100, align);
    expect(zm_backend.aligned_alloc(64, 100) == fake_block);
    expect_call("je_mallocx", NULL, 100, MALLOCX_ALIGN(64));
    expect(zm_backend.aligned_zalloc(64, 100) == fake_block);
    expect_call("je_mallocx", NULL, 100, MALLOCX_ALIGN(64) | MALLOCX_ZERO);
    zm_backend.free_sized(fake_block, 4096);
    expect_call("je_sdallocx", fake_block, 4096, 0);
}

static void expect_sizes(void)
{
    expect_equal(zm_backend.block_size(fake_block), FAKE_BLOCK_SIZE);
    expect_call("je_sallocx", fake_block, 0, 0);
    expect_equal(zm_backend.usable_size(fake_block), FAKE_BLOCK_SIZE);
    expect_call("je_sallocx", fake_block, 0, 0);
    expect_equal(zm_backend.good_size(100), FAKE_BLOCK_SIZE);
    expect_call("je_nallocx", NULL, 100, object);
}

static struct zm_allocator_info ask_info(void)
{
    struct zm_allocator_info info = {ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN, ZM_UNKNOWN};
    zm_backend.info(&info);
    return info;
}

static void expect_figures_of_now(size_t first)
{
    for (size_t i = 0; i < STATS; i++)
        stats[i].now = first + i;
    struct zm_allocator_info info = ask_info();
    expect_equal(info.allocated, first);
    expect_equal(info.active, first + 1);
    expect_equal(info.resident, first + 2);
    expect_equal(info.retained, first + 3);
    expect_equal(info.muzzy, (first + 4) * page_size);
}

static void expect_the_others_without_one(void)
{
    for (size_t i = 0; i < STATS; i++) {
        stats[i].missing = true;
        struct zm_allocator_info info = ask_info();
        const size_t figures[] = {info.allocated, info.active, info.resident, info.retained,
                                  info.muzzy};
        for (size_t k = 0; k < STATS; k++)
            expect_equal(figures[k] == ZM_UNKNOWN, k == i);
        stats[i].missing = false;
    }
}

void je_malloc_stats_print(void (*write)(void *context, const char *text), void *context,
                           const char *options)
{
    expect(!options);
    write(context, "what jemalloc says");
}

static void expect_purge(void)
{
    zm_backend.purge();
    expect_last_call(2, "arena.4096.purge", NULL, 0, 0);
}

int main(void)
{
    expect_flags();
    expect_sizes();
    expect_figures_of_now(1000);
    expect_figures_of_now(2000);
    expect_the_others_without_one();
    expect_purge();
    expect_report("what jemalloc says");
    expect_described("jemalloc-9.8.7");
    no_memory = true;
    expect_described("jemalloc");
    return 0;
}
