/* Freeing where the system refuses to take memory back. Rule: errno stays as it was (POSIX 2024),
 * by whichever call the block is freed. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../exhaustion/seccomp.h"
#include "total.h"

enum { BLOCKS = 64, ROUNDS = 40 };

static void *blocks[BLOCKS];

static void fill(size_t largest)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t n = 1 + (i * 7919 % BLOCKS + 1) * largest / BLOCKS;
        blocks[i] = i % 5 ? zmalloc(n) : zaligned_alloc(4096, n);
        memset(blocks[i], 1, n);
    }
}

static void require_kept(const char *call)
{
    require(errno == EDOM, "after %s errno is %s", call, strerror(errno));
}

static void *release_all(void *unused)
{
    (void)unused;
    errno = EDOM;
    for (int i = 0; i < BLOCKS; i += 4) {
        zfree(blocks[i]);
        require_kept("zfree");
        size_t usable = zmalloc_usable(blocks[i + 1]); /* which does not promise to keep it */
        errno = EDOM;
        zfree_with_size(blocks[i + 1], usable);
        require_kept("zfree_with_size");
        zfree_no_tcache(blocks[i + 2]);
        require_kept("zfree_no_tcache");
        zfree(zrealloc(blocks[i + 3], 0));
        require_kept("zrealloc to 0 bytes");
    }
    return NULL;
}

int main(void)
{
    void *page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *first = zmalloc(100); /* what the allocator sets up first may need these calls */
    zfree(first);
    const char *reason = giving_back_denied();
    if (reason)
        skip(reason);
    require(munmap(page, 1) != 0, "the filter lets munmap pass");
    for (size_t round = 0; round < ROUNDS; round++) {
        pthread_t thread;
        fill((size_t)1000 << round % 12);
        if (round % 4 || pthread_create(&thread, NULL, release_all, NULL) != 0)
            release_all(NULL);
        else
            pthread_join(thread, NULL);
    }
    return 0;
}
