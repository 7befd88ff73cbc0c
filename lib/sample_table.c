/* Levels of sets of four places. A block may be in two sets of each level; a level is made once
 * both sets of all levels before it are full for some block. The second level has as many places as
 * the first, each later one twice as many as the one before: so a look-up reads two lines of each
 * level, and the memory is for some two to four times the samples there are. */
#include "sample_table.h"

#include <sys/mman.h>

#include "compiler.h"

enum { PLACES_IN_SET = 4, SETS_IN_FIRST_LEVEL = 256, LEVELS = 12 };

/* In the place of an address: the place is being filled, or was taken. */
#define RESERVED ((uintptr_t)1)

struct zm_sample {
    ZM_ATOMIC(uintptr_t) * address; /* the word of its set */
    ZM_ATOMIC(size_t) fillings;     /* odd while it is being filled */
    ZM_ATOMIC(size_t) size, mean;
    ZM_ATOMIC(unsigned) depth;
    ZM_ATOMIC(uintptr_t) stack[ZM_MOST_FRAMES];
};

/* In one mapping, of which only what samples were in is resident. */
struct level {
    size_t sets;
    ZM_ATOMIC(uintptr_t) * addresses;
    struct zm_sample *samples;
};

typedef struct level *level_pointer;
static ZM_ATOMIC(level_pointer) levels[LEVELS];

static size_t sets_in_level(size_t at)
{
    return (size_t)SETS_IN_FIRST_LEVEL << (at == 0 ? 0 : at - 1);
}

static struct level *make_level(size_t at)
{
    size_t places = sets_in_level(at) * PLACES_IN_SET;
    size_t header = 64, addresses = places * sizeof(uintptr_t);
    char *memory = mmap(NULL, header + addresses + places * sizeof(struct zm_sample),
                        PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct level *fresh = (struct level *)(void *)memory, *present = NULL;
    fresh->sets = sets_in_level(at);
    fresh->addresses = (void *)(memory + header);
    fresh->samples = (void *)(memory + header + addresses);
    level_pointer none = NULL;
    if (atomic_compare_exchange_strong_explicit(&levels[at], &none, fresh, memory_order_acq_rel,
                                                memory_order_acquire))
        return fresh;
    present = none;
    munmap(memory, header + addresses + places * sizeof(struct zm_sample));
    return present;
}

bool zm_sample_table_open(void)
{
    return zm_load_acquire(&levels[0]) || make_level(0);
}

/* The first place of one of the block's two sets. Samples are page aligned. */
static size_t set_of(const struct level *level, uintptr_t address, int which)
{
    uint64_t hash = (uint64_t)(address >> 12)
                    * (which ? UINT64_C(0xd6e8feb86659fd93) : UINT64_C(0x9e3779b97f4a7c15));
    return (size_t)(hash >> 32) % level->sets * PLACES_IN_SET;
}

/* The place whose word is `wanted` and becomes RESERVED; NULL where there is none. */
static struct zm_sample *reserve(struct level *level, uintptr_t address, uintptr_t wanted)
{
    for (int which = 0; which < 2; which++) {
        size_t first = set_of(level, address, which);
        for (size_t at = first; at < first + PLACES_IN_SET; at++) {
            uintptr_t seen = zm_load(&level->addresses[at]);
            if (seen == wanted
                && atomic_compare_exchange_strong_explicit(&level->addresses[at], &seen, RESERVED,
                                                           memory_order_acq_rel,
                                                           memory_order_relaxed)) {
                level->samples[at].address = &level->addresses[at];
                return &level->samples[at];
            }
        }
    }
    return NULL;
}

/* Each word with release: who reads one that is new sees that a filling began. */
static void fill(struct zm_sample *sample, const struct zm_sample_facts *facts)
{
    zm_increment(&sample->fillings);
    zm_store_release(&sample->size, facts->size);
    zm_store_release(&sample->mean, facts->mean);
    zm_store_release(&sample->depth, facts->depth);
    for (unsigned i = 0; i < facts->depth; i++)
        zm_store_release(&sample->stack[i], facts->stack[i]);
    zm_increment(&sample->fillings);
}

bool zm_sample_put(const void *block, const struct zm_sample_facts *facts)
{
    for (size_t i = 0; i < LEVELS; i++) {
        struct level *level = zm_load_acquire(&levels[i]);
        if (!level)
            level = make_level(i);
        struct zm_sample *place = level ? reserve(level, (uintptr_t)block, 0) : NULL;
        if (place) {
            fill(place, facts);
            zm_sample_put_back(place, block);
            return true;
        }
        if (!level)
            return false;
    }
    return false;
}

struct zm_sample *zm_sample_take(const void *block)
{
    struct level *level;
    for (size_t i = 0; i < LEVELS && (level = zm_load_acquire(&levels[i])); i++) {
        struct zm_sample *found = reserve(level, (uintptr_t)block, (uintptr_t)block);
        if (found)
            return found;
    }
    return NULL;
}

void zm_sample_drop(struct zm_sample *sample)
{
    zm_store_release(sample->address, 0);
}

void zm_sample_put_back(struct zm_sample *sample, const void *block)
{
    zm_store_release(sample->address, (uintptr_t)block);
}

size_t zm_sample_size(const struct zm_sample *sample)
{
    return zm_load(&sample->size);
}

size_t zm_sample_mean(const struct zm_sample *sample)
{
    return zm_load(&sample->mean);
}

/* ---- Reading all ---- */

size_t zm_sample_places(void)
{
    size_t sets = 0;
    for (size_t i = 0; i < LEVELS && zm_load_acquire(&levels[i]); i++)
        sets += sets_in_level(i);
    return sets * PLACES_IN_SET;
}

static void copy_facts(const struct zm_sample *sample, struct zm_sample_facts *facts)
{
    facts->size = zm_load_acquire(&sample->size);
    facts->mean = zm_load_acquire(&sample->mean);
    facts->depth = zm_load_acquire(&sample->depth);
    for (unsigned i = 0; i < facts->depth; i++)
        facts->stack[i] = zm_load_acquire(&sample->stack[i]);
}

/* What was copied is of one filling if neither the address nor the count of fillings changed. */
bool zm_sample_read(size_t at, struct zm_sample_facts *facts)
{
    size_t i = 0;
    for (; at >= sets_in_level(i) * PLACES_IN_SET; i++)
        at -= sets_in_level(i) * PLACES_IN_SET;
    struct level *level = zm_load_acquire(&levels[i]);
    const struct zm_sample *sample = &level->samples[at];
    uintptr_t address = zm_load_acquire(&level->addresses[at]);
    if (address == 0 || address == RESERVED)
        return false;
    size_t fillings = zm_load_acquire(&sample->fillings);
    copy_facts(sample, facts);
    return zm_load(&level->addresses[at]) == address && zm_load(&sample->fillings) == fillings
           && fillings % 2 == 0;
}
