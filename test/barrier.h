/* Where threads wait for one another: POSIX's barrier, which macOS lacks. */
#ifndef BARRIER_H
#define BARRIER_H

#include <pthread.h>

struct barrier {
    pthread_mutex_t lock;
    pthread_cond_t all_arrived;
    unsigned wanted, missing;
    unsigned held; /* how often all have met */
};

/* Of `count` threads, as often as they like. Never destroyed. */
static inline void barrier_init(struct barrier *barrier, unsigned count)
{
    pthread_mutex_init(&barrier->lock, NULL);
    pthread_cond_init(&barrier->all_arrived, NULL);
    barrier->wanted = barrier->missing = count;
    barrier->held = 0;
}

/* Returns when all have come. */
static inline void barrier_wait(struct barrier *barrier)
{
    pthread_mutex_lock(&barrier->lock);
    unsigned now = barrier->held;
    if (--barrier->missing == 0) {
        barrier->missing = barrier->wanted;
        barrier->held++;
        pthread_cond_broadcast(&barrier->all_arrived);
    }
    while (barrier->held == now)
        pthread_cond_wait(&barrier->all_arrived, &barrier->lock);
    pthread_mutex_unlock(&barrier->lock);
}

#endif
