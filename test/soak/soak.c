/* Wears the library out. Rules:
 *  - blocks keep what was written to them;
 *  - the total is exact whenever all threads stand still, and in the children of forks, and never
 *    reads more than all blocks can be;
 *  - memory does not creep away: with everything freed and the allocator asked to give back what it
 *    keeps, RSS at the end is at most 10 % above that of a fresh process, one that made its first
 *    calls only, so that the allocator has its tables, and was asked the same; and of what RSS was
 *    at most, above the start, no more than 10 % stays.
 *
 * Arguments: how many calls; how many seconds at most, after the first 16 million calls; seed. */
#include <dlfcn.h>
#include <string.h>

#include "blocks.h"
#include "release/release.h"
#include "total.h"
#include "workers.h"

/* Calls. What makes a process a fresh one; those between two audits, when all threads end. */
enum { FIRST_CALLS = 8000000, CALLS_BETWEEN_AUDITS = 50000000 };

static size_t total_at_start, highest_total, highest_rss;

any_function *find_function(const char *name)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    any_function *function;
    memcpy(&function, &address, sizeof function);
    return function;
}

static void watch_figures(void)
{
    size_t used = zmalloc_used_memory(), rss = zmalloc_get_rss();
    require(used <= total_at_start + most_bytes(), "the total reads %zu", used);
    highest_total = used > highest_total ? used : highest_total;
    highest_rss = rss > highest_rss ? rss : highest_rss;
}

static unsigned long long work_with_audits(unsigned long long calls, double deadline,
                                           uint64_t *random)
{
    unsigned long long made = 0;
    while (made < calls && seconds_now() < deadline) {
        unsigned long long left = calls - made;
        made += work(left < CALLS_BETWEEN_AUDITS ? left : CALLS_BETWEEN_AUDITS, deadline, random,
                     watch_figures);
        require_total(total_at_start + size_of_all_blocks(), "with all threads ended");
    }
    return made;
}

/* RSS with nothing in use, without what the allocator keeps in any case; 0 where it cannot be asked
 * to give back. */
static size_t rss_after_release(uint64_t *random)
{
    free_all_blocks(random);
    require_total(total_at_start, "with every block freed");
    if (!release_free_memory(THREADS))
        return 0;
    size_t rss = zmalloc_get_rss(), kept = bytes_it_keeps();
    require(rss > kept, "RSS is %zu, and the allocator says that it keeps %zu", rss, kept);
    return rss - kept;
}

static double mebibytes(size_t bytes)
{
    return (double)bytes / (1 << 20);
}

static void check_rss(size_t start, size_t fresh, size_t after)
{
    double more = 100 * ((double)after / (double)fresh - 1);
    size_t kept = bytes_it_keeps();
    double left = 100 * ((double)(after + kept) - (double)start) / (double)(highest_rss - start);
    printf("RSS, MiB: %.2f at the start, %.2f at most; with all given back %.2f of a fresh process,"
           " %.2f at the end (%+.1f %%), and %.2f in caches of the allocator\n",
           mebibytes(start), mebibytes(highest_rss), mebibytes(fresh), mebibytes(after), more,
           mebibytes(kept));
    fflush(stdout);
    require(more <= 10, "RSS is %.1f %% above that of a fresh process", more);
    require(left <= 10, "%.1f %% of what RSS was at most are not given back", left);
}

int main(int argc, char **argv)
{
    unsigned long calls = argument(argc, argv, 1, 2000000);
    unsigned long seconds = argument(argc, argv, 2, 1000000);
    uint64_t random = argument(argc, argv, 3, 20);

    double start = seconds_now(), forever = start + 1e9;
    size_t rss_at_start = zmalloc_get_rss(), fresh = 0, after;
    total_at_start = zmalloc_used_memory();
    unsigned long long made =
        work_with_audits(calls < FIRST_CALLS ? calls : FIRST_CALLS, forever, &random);
    if (calls >= 2 * FIRST_CALLS) {
        fresh = rss_after_release(&random);
        made += work_with_audits(FIRST_CALLS, forever, &random);
        /* A thread may make one call more than it was told. */
        made += work_with_audits(made < calls ? calls - made : 0, start + (double)seconds, &random);
    }
    double took = seconds_now() - start;
    after = rss_after_release(&random);
    printf("%s: %llu operations in %.0f s, %lu threads, %lu forks\n", zmalloc_lib(), made, took,
           threads_that_ended(), forks_made());
    printf("total: %zu bytes at the end, %zu at the start, %.2f MiB at most\n",
           zmalloc_used_memory(), total_at_start, mebibytes(highest_total));
    if (fresh == 0)
        printf("RSS is not compared: %s\n",
               after == 0 ? "the allocator cannot be asked to give back." : "too few operations.");
    else
        check_rss(rss_at_start, fresh, after);
    return 0;
}
