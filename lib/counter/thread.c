#include "counter/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "once.h"

/* Slots come in chunks of one page, linked, never unlinked and never unmapped. A slot is not freed
 * either: it keeps what it counted when its thread ends, and the next thread goes on from there. */
#define ZM_SLOTS_IN_CHUNK (4096 / ZM_CACHE_LINE - 1)

struct zm_chunk {
    /* How many of the slots, from the first, were ever taken: the others need not be read. */
    _Alignas(ZM_CACHE_LINE) atomic_uint high_water;
    _Atomic(struct zm_chunk *) next;
    struct zm_slot slots[ZM_SLOTS_IN_CHUNK];
};

static struct zm_chunk first_chunk;

/* Serves every call of a thread that has no slot: adds to it are real atomic ones. */
static struct zm_slot shared_slot;

_Thread_local struct zm_slot *zm_own_slot ZM_TLS_MODEL;

/* Set while the thread gets its slot, so that a malloc made by the C library on the way (in a
 * program that sends its malloc here) does not come back for another; and for good once the thread
 * gave its slot back or could not get one. */
static _Thread_local bool has_no_slot ZM_TLS_MODEL;

static struct zm_once once = ZM_ONCE_INIT;
static pthread_key_t exit_key;
static bool exit_key_works;

static void raise_high_water(struct zm_chunk *chunk, unsigned count)
{
    unsigned seen = atomic_load_explicit(&chunk->high_water, memory_order_relaxed);
    while (seen < count
           && !atomic_compare_exchange_weak_explicit(&chunk->high_water, &seen, count,
                                                     memory_order_relaxed, memory_order_relaxed)) {
    }
}

static struct zm_slot *take_slot_of(struct zm_chunk *chunk)
{
    const int self = (int)getpid();
    for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++) {
        struct zm_slot *slot = &chunk->slots[i];
        int nobody = 0;
        if (atomic_load_explicit(&slot->owner, memory_order_relaxed) == nobody
            && atomic_compare_exchange_strong_explicit(
                &slot->owner, &nobody, self, memory_order_acquire, memory_order_relaxed)) {
            zm_note_handover(slot);
            raise_high_water(chunk, i + 1);
            return slot;
        }
    }
    return NULL;
}

/* The chunk after this one, mapped if it is not there yet; NULL when there is no memory. Straight
 * from the system: asking the allocator, or the program's malloc, could come back here. */
static struct zm_chunk *chunk_after(struct zm_chunk *chunk)
{
    struct zm_chunk *next = atomic_load_explicit(&chunk->next, memory_order_acquire);
    if (next)
        return next;
    struct zm_chunk *fresh =
        mmap(NULL, sizeof *fresh, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (fresh == MAP_FAILED)
        return NULL;
    if (atomic_compare_exchange_strong_explicit(&chunk->next, &next, fresh, memory_order_acq_rel,
                                                memory_order_acquire))
        return fresh;
    munmap(fresh, sizeof *fresh);
    return next;
}

static struct zm_slot *take_slot(void)
{
    for (struct zm_chunk *chunk = &first_chunk; chunk; chunk = chunk_after(chunk)) {
        struct zm_slot *slot = take_slot_of(chunk);
        if (slot)
            return slot;
    }
    return NULL;
}

static void release_slot(struct zm_slot *slot)
{
    zm_note_handover(slot);
    atomic_store_explicit(&slot->owner, 0, memory_order_release);
}

static void give_slot_back(void *slot)
{
    zm_own_slot = NULL;
    has_no_slot = true;
    release_slot(slot);
}

/* In the child of a fork only the calling thread lives, and those that fork handlers which ran
 * before this one have started: the slots of others are free again. */
static void release_slots_after_fork(void)
{
    const int self = (int)getpid();
    if (zm_own_slot)
        atomic_store_explicit(&zm_own_slot->owner, self, memory_order_relaxed);
    for (struct zm_chunk *chunk = &first_chunk; chunk;
         chunk = atomic_load_explicit(&chunk->next, memory_order_acquire))
        for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++) {
            int owner = atomic_load_explicit(&chunk->slots[i].owner, memory_order_relaxed);
            if (owner != 0 && owner != self)
                atomic_store_explicit(&chunk->slots[i].owner, 0, memory_order_relaxed);
        }
}

static void set_up(void)
{
    exit_key_works = pthread_key_create(&exit_key, give_slot_back) == 0;
    pthread_atfork(NULL, NULL, release_slots_after_fork);
}

/* A thread that could not announce its end must not own a slot: nobody would free it. */
static struct zm_slot *get_own_slot(void)
{
    zm_once(&once, set_up);
    struct zm_slot *slot = exit_key_works ? take_slot() : NULL;
    if (slot && pthread_setspecific(exit_key, slot) != 0) {
        release_slot(slot);
        slot = NULL;
    }
    return slot;
}

ZM_COLD void zm_add_slow(size_t delta)
{
    if (!has_no_slot) {
        int saved_errno = errno;
        has_no_slot = true;
        zm_own_slot = get_own_slot();
        has_no_slot = !zm_own_slot;
        errno = saved_errno;
    }
    if (zm_own_slot)
        zm_add(delta);
    else
        atomic_fetch_add_explicit(&shared_slot.used, delta, memory_order_relaxed);
}

/* Above this a sum is not so much memory but a passing negative: a reader that met a block's free
 * on one thread and passed by its allocation on another. A 32-bit process may use nearly 4 GiB, but
 * not the last 64 MiB, where its code and stacks must be. */
#define ZM_NEGATIVE_FROM (SIZE_MAX / 64 * 63)

size_t zm_sum(void)
{
    size_t sum = atomic_load_explicit(&shared_slot.used, memory_order_relaxed);
    for (struct zm_chunk *chunk = &first_chunk; chunk;
         chunk = atomic_load_explicit(&chunk->next, memory_order_acquire)) {
        unsigned high_water = atomic_load_explicit(&chunk->high_water, memory_order_relaxed);
        for (unsigned i = 0; i < high_water; i++)
            sum += atomic_load_explicit(&chunk->slots[i].used, memory_order_relaxed);
    }
    return sum < ZM_NEGATIVE_FROM ? sum : 0;
}
