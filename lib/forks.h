/* Which fork handlers the library has, and when. Each counter has its own, which in the child bring
 * what was granted down to what is used, and the room of groups to 0: what other threads of the
 * parent had taken, and not used yet, is of no use to it.
 *
 * That may be done only while no other thread counts in the child: such a one would later give back
 * what is no longer there. The handlers are registered at load, so that they run before those of
 * the program, which may start threads. */
#ifndef ZM_FORKS_H
#define ZM_FORKS_H

#include <stdbool.h>

/* Registers the counter's handlers, once: by the library's constructor; by the first count where
 * that comes before it, or there are no constructors. */
void zm_watch_forks(void);

/* The constructor. Another one that is to come after it may call it first. */
void zm_watch_forks_early(void);

/* Whether the constructor has run, so that no thread counts before the handler in the child; but
 * for those that handlers from before the library was loaded have started. */
bool zm_forks_are_watched_early(void);

/* By the counter: pthread_atfork(). Twice, if a fork comes in the middle of it. */
void zm_register_fork_handlers(void);

/* Groups: settle() is to be called in the child too, while no other thread counts. */
typedef void zm_settle_function(void);
void zm_watch_forks_for(zm_settle_function *settle);

/* By the counter's handler in the child: calls that. */
void zm_settle_groups(void);

#endif
