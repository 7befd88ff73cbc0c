/* Blocks that are aligned to more than any object needs, whose allocators may give the caller a
 * later part of a larger block. Rules: the total is exact with them, whichever way they are freed
 * or resized, on whichever thread, and for ordinary blocks after them.
 *
 * Arguments: how many pairs, and "one" for them alone, after one block aligned to 64. */
#include <pthread.h>
#include <stdlib.h>

#include "../barrier.h"
#include "total.h"

enum { BLOCKS = 300, ALIGNMENTS = 13 }; /* 16 bytes to 64 KiB */

static void *blocks[BLOCKS];

static void *release_all(void *unused)
{
    (void)unused;
    for (int i = 0; i < BLOCKS; i++)
        if (i % 2)
            zfree(blocks[i]);
        else
            zfree_with_size(blocks[i], zmalloc_usable(blocks[i]));
    return NULL;
}

static void fill(size_t seed)
{
    const size_t before = zmalloc_used_memory();
    size_t charged = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = zaligned_alloc((size_t)16 << (i + seed) % ALIGNMENTS, 1 + i * 37 % 3000);
        charged += zmalloc_size(blocks[i]);
        require_total(before + charged, "an aligned block more");
    }
}

static void resize_all(void)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t before = zmalloc_used_memory() - zmalloc_size(blocks[i]);
        blocks[i] = zrealloc(blocks[i], 1 + i * 61 % 5000);
        require_total(before + zmalloc_size(blocks[i]), "an aligned block resized");
    }
}

static void release_on_another_thread(void)
{
    pthread_t thread;
    require(pthread_create(&thread, NULL, release_all, NULL) == 0, "no thread");
    pthread_join(thread, NULL);
}

static struct barrier all_are_there;

static void *align_one(void *align)
{
    barrier_wait(&all_are_there);
    void *block = zaligned_alloc((size_t)align, 100);
    zfree(block);
    return NULL;
}

/* Several threads find at the same time that such blocks have to be told from others. */
static void align_first_at_once(size_t align)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    barrier_init(&all_are_there, THREADS);
    for (int i = 0; i < THREADS; i++)
        require(pthread_create(&threads[i], NULL, align_one, (void *)align) == 0, "no thread");
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* After one aligned block, which the allocator may mark its page by. */
static void exchange(unsigned long pairs)
{
    enum { SLOTS = 1024 };
    static void *slots[SLOTS];
    void *aligned = zaligned_alloc(64, 100);
    const size_t before = zmalloc_used_memory();
    uint64_t random = 1;
    for (unsigned long i = 0; i < pairs; i++) {
        void **slot = &slots[next_random(&random) % SLOTS];
        zfree(*slot);
        *slot = zmalloc(1 + next_random(&random) % 500);
    }
    for (int i = 0; i < SLOTS; i++)
        zfree(slots[i]);
    require_total(before, "ordinary blocks freed");
    zfree(aligned);
}

/* Blocks of each alignment: freed, resized, and freed by another thread. */
static void align_all(size_t before)
{
    for (size_t align = 4096; align >= 32; align /= 2)
        align_first_at_once(align);
    require_total(before, "the first aligned blocks freed");
    for (size_t seed = 0; seed < ALIGNMENTS; seed++) {
        fill(seed);
        release_all(NULL);
        require_total(before, "freed");
        fill(seed);
        resize_all();
        release_on_another_thread();
        require_total(before, "freed by another thread");
    }
}

int main(int argc, char **argv)
{
    void *kept = zmalloc(100);
    const size_t before = zmalloc_used_memory();
    if (argc <= 2) /* else one aligned block, and no other */
        align_all(before);
    exchange(iterations(argc, argv, 1000000));
    require_total(before, "all freed");
    zfree(kept);
    return 0;
}
