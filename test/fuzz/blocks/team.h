/* Threads that do a phase of work together and then rest. Member 0 is the calling thread. */
#ifndef TEAM_H
#define TEAM_H

#include <pthread.h>
#include <stdbool.h>

enum { TEAM_SIZE = 4 };

typedef void team_work(unsigned member, void *argument);

struct team {
    pthread_mutex_t lock;
    pthread_cond_t rests;
    struct team_member {
        struct team *team;
        pthread_t thread;
        pthread_cond_t called;
        unsigned index;
        bool is_asked, is_over; /* to do the work, to end */
    } members[TEAM_SIZE];
    team_work *work;
    void *argument;
};

void start_team(struct team *team);

/* Every member whose bit is set in `members` calls work(its index, argument), all at a time;
 * returns when all are done. */
void run_phase(struct team *team, unsigned members, team_work *work, void *argument);

/* Ends a member's thread and gives it a new one. Not for member 0. */
void renew_member(struct team *team, unsigned index);

#endif
