#include "team.h"

#include "target.h"

static void *serve(void *argument)
{
    struct team_member *self = argument;
    struct team *team = self->team;
    pthread_mutex_lock(&team->lock);
    while (!self->is_over) {
        if (!self->is_asked) {
            pthread_cond_wait(&self->called, &team->lock);
            continue;
        }
        pthread_mutex_unlock(&team->lock);
        team->work(self->index, team->argument);
        pthread_mutex_lock(&team->lock);
        self->is_asked = false;
        pthread_cond_signal(&team->rests);
    }
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

static void start_member(struct team *team, unsigned index)
{
    struct team_member *member = &team->members[index];
    *member = (struct team_member){.team = team, .index = index};
    pthread_cond_init(&member->called, NULL);
    int error = pthread_create(&member->thread, NULL, serve, member);
    must(error == 0, "no thread could be made: error %d", error);
}

void start_team(struct team *team)
{
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->rests, NULL);
    for (unsigned i = 1; i < TEAM_SIZE; i++)
        start_member(team, i);
}

void run_phase(struct team *team, unsigned members, team_work *work, void *argument)
{
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->argument = argument;
    for (unsigned i = 1; i < TEAM_SIZE; i++)
        if (members & 1u << i) {
            team->members[i].is_asked = true;
            pthread_cond_signal(&team->members[i].called);
        }
    pthread_mutex_unlock(&team->lock);

    if (members & 1u)
        work(0, argument);

    pthread_mutex_lock(&team->lock);
    for (unsigned i = 1; i < TEAM_SIZE; i++)
        while (team->members[i].is_asked)
            pthread_cond_wait(&team->rests, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

void renew_member(struct team *team, unsigned index)
{
    struct team_member *member = &team->members[index];
    pthread_mutex_lock(&team->lock);
    member->is_over = true;
    pthread_cond_signal(&member->called);
    pthread_mutex_unlock(&team->lock);
    pthread_join(member->thread, NULL);
    pthread_cond_destroy(&member->called);
    start_member(team, index);
}
