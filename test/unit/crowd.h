/* For tests of the thread counter from inside: charges without blocks, and many threads at once. */
#ifndef TEST_CROWD_H
#define TEST_CROWD_H

#include <pthread.h>

#include "../barrier.h"
#include "common.h"
#include "counter.h"
#include "counter/slots.h"
#include "fast_path.h"
#include "limit.h"

/* In slow_path.c and fast_path.c. */
_Thread_local bool zm_allocator_knows_thread ZM_TLS_MODEL;

void zm_update_fast_limit(void)
{
}

static inline void zm_charge(size_t size)
{
    if (zm_add(zm_round_to_long(size)) == ZM_LOOK)
        zm_look();
}

static inline void discharge_block(size_t size)
{
    zm_subtract(zm_round_to_long(size));
}

static inline unsigned slots_in_use(void)
{
    unsigned count = 0;
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk; chunk = chunk->next)
        count += chunk->high_water;
    return count;
}

static inline unsigned taken_slots(void)
{
    unsigned count = 0;
    for (struct zm_chunk *chunk = &zm_first_chunk; chunk; chunk = chunk->next)
        for (unsigned i = 0; i < ZM_SLOTS_IN_CHUNK; i++)
            count += chunk->slots[i].owner != 0;
    return count;
}

enum { CROWD = 200 };
static struct barrier all_here, may_go;

static void *charge_and_wait(void *size)
{
    zm_charge(*(size_t *)size);
    /* Enough looks for an allowance. */
    for (int i = 0; i < 5; i++) {
        zm_charge(*(size_t *)size);
        discharge_block(*(size_t *)size);
    }
    barrier_wait(&all_here);
    barrier_wait(&may_go);
    discharge_block(*(size_t *)size);
    return NULL;
}

static pthread_t crowd[CROWD];

static inline void gather_crowd(size_t *size)
{
    barrier_init(&all_here, CROWD + 1);
    barrier_init(&may_go, CROWD + 1);
    for (int i = 0; i < CROWD; i++)
        cr_assert_eq(pthread_create(&crowd[i], NULL, charge_and_wait, size), 0);
    barrier_wait(&all_here);
}

static inline void dismiss_crowd(void)
{
    barrier_wait(&may_go);
    for (int i = 0; i < CROWD; i++)
        pthread_join(crowd[i], NULL);
}

#endif
