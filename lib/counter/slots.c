#include "slots.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fast_path.h"
#include "forks.h"
#include "once.h"

struct zm_chunk zm_first_chunk;
struct zm_slot zm_shared_slot;

_Thread_local struct zm_own zm_own ZM_TLS_MODEL;

/* The calling thread is to use the shared slot. Set while it gets its own, as pthread_setspecific
 * may call a malloc that the program sends here; and for good once it gave its slot back or could
 * not get one. */
static _Thread_local bool uses_shared_slot ZM_TLS_MODEL;

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

static struct zm_slot *take_slot_in(struct zm_chunk *chunk)
{
    const int own_pid = (int)getpid();
    for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++) {
        struct zm_slot *slot = &chunk->slots[i];
        int no_owner = 0;
        if (atomic_load_explicit(&slot->owner, memory_order_relaxed) == no_owner
            && atomic_compare_exchange_strong_explicit(
                &slot->owner, &no_owner, own_pid, memory_order_acquire, memory_order_relaxed)) {
            zm_note_handover(slot);
            raise_high_water(chunk, i + 1);
            zm_count_owner(1);
            return slot;
        }
    }
    return NULL;
}

/* The next chunk, mapped if there is none yet; NULL without memory. By mmap: an allocator's malloc
 * could call back here. */
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
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk; chunk = chunk_after(chunk)) {
        struct zm_slot *slot = take_slot_in(chunk);
        if (slot)
            return slot;
    }
    return NULL;
}

static void release_slot(struct zm_slot *slot)
{
    zm_give_up_allowance(slot);
    zm_count_owner(-1);
    zm_note_handover(slot);
    atomic_store_explicit(&slot->owner, 0, memory_order_release);
}

static void on_thread_exit(void *slot)
{
    zm_own.slot = NULL;
    zm_allocator_knows_thread = false;
    uses_shared_slot = true;
    release_slot(slot);
}

static void release_if_of_parent(struct zm_slot *slot, void *own_pid)
{
    int owner = atomic_load_explicit(&slot->owner, memory_order_relaxed);
    if (owner != 0 && owner != *(const int *)own_pid)
        atomic_store_explicit(&slot->owner, 0, memory_order_relaxed);
}

/* In the child of a fork live only the calling thread and those that handlers have started which
 * were there before the library. All other slots are free again. */
static void release_slots_after_fork(void)
{
    int own_pid = (int)getpid();
    if (zm_own.slot)
        atomic_store_explicit(&zm_own.slot->owner, own_pid, memory_order_relaxed);
    zm_settle_after_fork(own_pid);
    zm_visit_slots(release_if_of_parent, &own_pid);
}

void zm_register_fork_handlers(void)
{
    pthread_atfork(NULL, NULL, release_slots_after_fork);
}

static void set_up(void)
{
    exit_key_works = pthread_key_create(&exit_key, on_thread_exit) == 0;
    zm_watch_forks();
}

/* A thread for which exit_key cannot be set gets none: nobody would give it back. */
static struct zm_slot *get_slot_for_good(void)
{
    zm_once(&once, set_up);
    struct zm_slot *slot = exit_key_works ? take_slot() : NULL;
    if (slot && pthread_setspecific(exit_key, slot) != 0) {
        release_slot(slot);
        slot = NULL;
    }
    return slot;
}

ZM_COLD struct zm_slot *zm_get_slot_slow(void)
{
    if (!zm_own.slot && !uses_shared_slot) {
        int saved_errno = errno;
        uses_shared_slot = true;
        zm_own.slot = get_slot_for_good();
        uses_shared_slot = !zm_own.slot;
        errno = saved_errno;
    }
    return zm_own.slot;
}
