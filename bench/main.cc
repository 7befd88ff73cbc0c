/* One program per backend; the options are Google Benchmark's. tools/bench says which. */
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "ways.h"

void add_block_works();
void add_figure_works();

/* The peers are measured as Debian's programs meet them, over the C library's malloc, and the
 * program's own blocks must not disturb the backend's. */
static bool process_uses_libc_malloc()
{
    Dl_info object;
    void *address = dlsym(RTLD_DEFAULT, "malloc");
    return address && dladdr(address, &object) && strstr(object.dli_fname, "libc.");
}

/* SQLite counts only where it was built or told to, and is no peer where it does not. */
static bool sqlite_counts()
{
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1) != SQLITE_OK
        || sqlite3_initialize() != SQLITE_OK)
        return false;
    void *p = sqlite3_malloc64(100);
    bool counts = sqlite3_memory_used() > 0;
    sqlite3_free(p);
    return counts;
}

int main(int argc, char **argv)
{
    if (!process_uses_libc_malloc()) {
        fprintf(stderr, "bench: malloc is not the C library's here: run without LD_PRELOAD\n");
        return 1;
    }
    if (!sqlite_counts()) {
        fprintf(stderr, "bench: this SQLite does not count its memory: use one that does\n");
        return 1;
    }
    /* glibc's malloc locks from a process's first thread on. Let that be before anything is
     * measured, not between one work and the next. */
    std::thread([] {}).join();
    benchmark::AddCustomContext("zmalloc_lib", zmalloc_lib());
    benchmark::AddCustomContext("backend", BENCH_BACKEND);
    benchmark::AddCustomContext("compiler", BENCH_COMPILER);
    add_block_works();
    add_figure_works();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
