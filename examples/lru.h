/* The cache of cache.c: strings by string, the least recently used evicted first, when the total of
 * zmalloc passes a soft limit a little below the hard one. There is one at a time. */
#ifndef LRU_H
#define LRU_H

#include <stdbool.h>
#include <stddef.h>

struct entry {
    struct entry *next; /* in its bucket */
    struct entry *newer, *older;
    char *key, *value;
};

struct cache {
    struct entry **buckets;
    size_t bucket_count;
    struct entry *newest, *oldest;
    size_t limit, soft_limit; /* SIZE_MAX: none */
    size_t kept, replaced, evicted, refused;
};

/* An empty cache that keeps zmalloc_used_memory() within `limit`: the library's limits from now on.
 * False when there is no memory. The cache must stay where it is. */
bool cache_open(struct cache *cache, size_t limit);

/* Keeps a copy of both, in place of what the key had. An entry that the limit could not hold even
 * alone is counted as refused, and its key not kept. False when there is no memory: then the cache
 * is as it was. */
bool cache_store(struct cache *cache, const char *key, const char *value);

/* Gives back everything, and takes off the limits. */
void cache_close(struct cache *cache);

#endif
