/* The cache of examples/ with each of its allocations failing in turn. Rules: it gives back all it
 * took, to the byte; and a line that cannot be kept leaves it as it was. */
#include <stdlib.h>
#include <string.h>
#include <zmalloc.h>

#include "../../examples/lru.h"
#include "../programs/check.h"

/* What the cache holds, newest first, in one line of text. */
static void write_to(char *text, size_t size, const struct cache *cache)
{
    size_t length = 0;
    for (const struct entry *entry = cache->newest; entry; entry = entry->older)
        length +=
            (size_t)snprintf(text + length, size - length, "%s=%s ", entry->key, entry->value);
    require(length < size, "the text holds %zu bytes of %zu", size, length);
    text[length] = '\0';
}

static void store_or_stay(struct cache *cache, const char *key, const char *value)
{
    static char before[4096], after[4096];
    size_t used = zmalloc_used_memory();
    write_to(before, sizeof before, cache);
    if (cache_store(cache, key, value))
        return;
    write_to(after, sizeof after, cache);
    require(strcmp(before, after) == 0, "'%s' became '%s' when %s could not be kept", before, after,
            key);
    require(zmalloc_used_memory() == used, "%zu bytes in use, not %zu", zmalloc_used_memory(),
            used);
}

/* More keys than the first table has buckets, keys that come again, and a limit that evicts. */
static void fill_and_empty(void *limit)
{
    struct cache cache;
    if (!cache_open(&cache, zmalloc_used_memory() + *(size_t *)limit))
        return;
    for (int i = 0; i < 120; i++) {
        char key[] = {'k', (char)('a' + i * 7 % 50), '\0'};
        store_or_stay(&cache, key, i % 3 ? "short" : "a value of some length");
    }
    cache_close(&cache);
}

int main(void)
{
    size_t limits[] = {1500, 1 << 20};
    for (int i = 0; i < 2; i++) {
        size_t nth = 0;
        int lost = zmalloc_fail_each(ZMALLOC_THIS_THREAD, fill_and_empty, &limits[i], &nth);
        require(lost == 0, "with %zu bytes, memory is lost when allocation %zu fails", limits[i],
                nth);
        /* An entry is three blocks, and the table is a block that grows once or twice. */
        require(nth > 3 * 120, "only %zu allocations were made", nth - 1);
    }
    return 0;
}
