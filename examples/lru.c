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
 * for. Without the memory the old table serves on, with longer chains. */
static bool set_buckets(struct cache *cache, size_t n)
{
    size_t usable;
    struct entry **buckets =
        ztryrealloc_at_least(cache->buckets, n * sizeof *cache->buckets, &usable);
    if (!buckets)
        return false;
    memset(buckets, 0, usable);
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
    if (cache->kept++ == cache->bucket_count)
        set_buckets(cache, 2 * cache->bucket_count);
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

static size_t size_of(const struct entry *entry)
{
    return zmalloc_size(entry) + zmalloc_size(entry->key) + zmalloc_size(entry->value);
}

bool cache_open(struct cache *cache, size_t limit)
{
    *cache = (struct cache){.limit = limit};
    return set_buckets(cache, FIRST_BUCKETS);
}

bool cache_store(struct cache *cache, const char *key, const char *value)
{
    struct entry *fresh = make_entry(key, value);
    if (!fresh)
        return false;
    struct entry *old = *find(cache, key);
    if (old) {
        drop(cache, old);
        cache->replaced++;
    }
    add(cache, fresh);
    if (zmalloc_size(cache->buckets) + size_of(fresh) > cache->limit) {
        drop(cache, fresh);
        cache->refused++;
    }
    while (zmalloc_used_memory() > cache->limit && cache->oldest) {
        drop(cache, cache->oldest);
        cache->evicted++;
    }
    return true;
}

void cache_close(struct cache *cache)
{
    while (cache->oldest)
        drop(cache, cache->oldest);
    zfree(cache->buckets);
    cache->buckets = NULL;
}
