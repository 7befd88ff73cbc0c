/* Where threads wait for one another: POSIX's barrier, which macOS lacks. */
#ifndef MEETING_H
#define MEETING_H

#include <pthread.h>

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t all_came;
    unsigned wanted, missing;
    unsigned held; /* how often all have met */
};

/* Of `count` threads, as often as they like. Never destroyed. */
static inline void call_meeting(struct meeting *meeting, unsigned count)
{
    pthread_mutex_init(&meeting->lock, NULL);
    pthread_cond_init(&meeting->all_came, NULL);
    meeting->wanted = meeting->missing = count;
    meeting->held = 0;
}

/* Returns when all have come. */
static inline void meet(struct meeting *meeting)
{
    pthread_mutex_lock(&meeting->lock);
    unsigned now = meeting->held;
    if (--meeting->missing == 0) {
        meeting->missing = meeting->wanted;
        meeting->held++;
        pthread_cond_broadcast(&meeting->all_came);
    }
    while (meeting->held == now)
        pthread_cond_wait(&meeting->all_came, &meeting->lock);
    pthread_mutex_unlock(&meeting->lock);
}

#endif
