/* One program per backend; the options are Google Benchmark's. bench/report/ runs it: bounds.py
 * with `bounds=` and a number of idle threads first, samples.py with `samples=` and their mean. */
#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <thread>

#include "variants.h"

/* The peers are measured as Debian's programs meet them, over the C library's malloc, and the
 * program's own blocks must not disturb the backend's. */
static bool process_uses_libc_malloc()
{
    Dl_info object;
    void *address = dlsym(RTLD_DEFAULT, "malloc");
    return address && dladdr(address, &object) && strstr(object.dli_fname, "libc.");
}

int main(int argc, char **argv)
{
    if (!process_uses_libc_malloc()) {
        fprintf(stderr, "bench: malloc is not the C library's here: run without LD_PRELOAD\n");
        return 1;
    }
    /* Not every SQLite counts unless told to. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1);
    /* glibc's malloc locks from a process's first thread on, and most programs that care about time
     * have had one: let it be before anything is measured. */
    std::thread([] {}).join();
    benchmark::AddCustomContext("allocator", zmalloc_lib());
    benchmark::AddCustomContext("compiler", BENCH_COMPILER);
    int idle_threads;
    size_t mean;
    if (argc > 1 && sscanf(argv[1], "samples=%zu", &mean) == 1) {
        if (mean && zmalloc_profile_start(mean) != 0)
            return 1;
        add_program_workloads();
        add_sampled_workloads();
        argv[1] = argv[--argc];
    } else if (argc > 1 && sscanf(argv[1], "bounds=%d", &idle_threads) == 1) {
        add_bounds(idle_threads);
        argv[1] = argv[--argc];
    } else {
        add_block_workloads();
        add_program_workloads();
        add_query_workloads();
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
