#include "lru.h"

#include <stdint.h>
#include <string.h>
#include <zmalloc.h>

enum { FIRST_BUCKETS = 16 };

/* The link to the key's entry, or the NULL that ends its bucket. The hash is FNV-1a. */
static struct entry **find(const struct cache *cache, const char *key)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *at = key; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    struct entry **link = &cache->buckets[hash % cache->bucket_count];
    while (*link && strcmp((*link)->key, key) != 0)
        link = &(*link)->next;
    return link;
}

/* Gives every entry its place in a table of n buckets, or of as many more as the block has room
 * for. Without the memory the old table serves on, with longer chains. Two blocks, not one that is
 * resized: entries may be evicted in the call that allocates. */
static bool set_buckets(struct cache *cache, size_t n)
{
    size_t usable;
    struct entry **buckets = ztrycalloc_at_least(n * sizeof *buckets, &usable);
    if (!buckets)
        return false;
    zfree(cache->buckets);
    cache->buckets = buckets;
    cache->bucket_count = usable / sizeof *buckets;
    for (struct entry *entry = cache->newest; entry; entry = entry->older) {
        entry->next = NULL;
        *find(cache, entry->key) = entry;
    }
    return true;
}

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = ztrymalloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static void drop_entry(struct entry *entry)
{
    zfree(entry->key);
    zfree(entry->value);
    zfree(entry);
}

static struct entry *make_entry(const char *key, const char *value)
{
    struct entry *entry = ztrycalloc(sizeof *entry);
    if (!entry)
        return NULL;
    entry->key = copy_of(key);
    entry->value = entry->key ? copy_of(value) : NULL;
    if (entry->value)
        return entry;
    drop_entry(entry);
    return NULL;
}

static void add(struct cache *cache, struct entry *entry)
{
    if (cache->kept == cache->bucket_count)
        set_buckets(cache, 2 * cache->bucket_count);
    cache->kept++;
    entry->older = cache->newest;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry;
    cache->newest = entry;
    *find(cache, entry->key) = entry;
}

static void drop(struct cache *cache, struct entry *entry)
{
    *find(cache, entry->key) = entry->next;
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
    drop_entry(entry);
    cache->kept--;
}

static void evict_oldest(struct cache *cache)
{
    drop(cache, cache->oldest);
    cache->evicted++;
}

/* The library calls it when the total has passed the soft limit, in the call that allocated; and
 * not again before it found the total below, or the limit was set anew. */
static void evict(size_t used, void *context)
{
    struct cache *cache = context;
    (void)used;
    while (zmalloc_used_memory() > cache->soft_limit && cache->oldest)
        evict_oldest(cache);
    zmalloc_set_soft_limit(cache->soft_limit, evict, cache);
}

bool cache_open(struct cache *cache, size_t limit)
{
    *cache = (struct cache){.limit = limit, .soft_limit = limit};
    if (!set_buckets(cache, FIRST_BUCKETS))
        return false;
    if (limit != SIZE_MAX) {
        cache->soft_limit = limit - limit / 16;
        zmalloc_set_hard_limit(limit);
        zmalloc_set_soft_limit(cache->soft_limit, evict, cache);
    }
    return true;
}

static bool could_hold(const struct cache *cache, const char *key, const char *value)
{
    return zmalloc_size(cache->buckets) + zmalloc_good_size(sizeof(struct entry))
               + zmalloc_good_size(strlen(key) + 1) + zmalloc_good_size(strlen(value) + 1)
           <= cache->limit;
}

/* At the hard limit the library refuses: then others make room. */
static struct entry *make_room_and_entry(struct cache *cache, const char *key, const char *value)
{
    struct entry *entry = make_entry(key, value);
    while (!entry && cache->limit != SIZE_MAX && cache->oldest) {
        evict_oldest(cache);
        entry = make_entry(key, value);
    }
    return entry;
}

bool cache_store(struct cache *cache, const char *key, const char *value)
{
    bool fits = could_hold(cache, key, value);
    struct entry *fresh = fits ? make_room_and_entry(cache, key, value) : NULL;
    if (!fresh && cache->limit == SIZE_MAX)
        return false;
    struct entry *old = *find(cache, key);
    if (old) {
        drop(cache, old);
        cache->replaced++;
    }
    if (fresh)
        add(cache, fresh);
    else
        cache->refused++;
    return true;
}

void cache_close(struct cache *cache)
{
    zmalloc_set_soft_limit(0, NULL, NULL);
    zmalloc_set_hard_limit(0);
    while (cache->oldest)
        drop(cache, cache->oldest);
    zfree(cache->buckets);
    cache->buckets = NULL;
}
