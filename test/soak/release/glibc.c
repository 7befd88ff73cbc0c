/* malloc_trim gives back the free pages inside the arenas, but of all that lie at an arena's end
 * only those of the main one. The others' go when a thread frees there while the thresholds are 0.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "release.h"

enum { ABOVE_THE_THREAD_CACHE = 100000, MOST_THREADS = 64 };

static pthread_barrier_t each_in_its_arena;

static void *release_at_end(void *unused)
{
    void *volatile block = malloc(ABOVE_THE_THREAD_CACHE);
    pthread_barrier_wait(&each_in_its_arena);
    free(block);
    return unused;
}

static void set_thresholds(int bytes)
{
    mallopt(M_TRIM_THRESHOLD, bytes);
    mallopt(M_TOP_PAD, bytes);
}

bool release_free_memory(int threads)
{
    pthread_t id[MOST_THREADS];
    int started = threads < MOST_THREADS ? threads : MOST_THREADS;
    pthread_barrier_init(&each_in_its_arena, NULL, (unsigned)started);
    set_thresholds(0);
    for (int i = 0; i < started; i++)
        if (pthread_create(&id[i], NULL, release_at_end, NULL) != 0)
            abort(); /* the others would wait for it */
    for (int i = 0; i < started; i++)
        pthread_join(id[i], NULL);
    malloc_trim(0);
    set_thresholds(128 * 1024); /* as they are at first */
    return true;
}

size_t bytes_it_keeps(void)
{
    return 0;
}
