#include "forks.h"

#include "atomic.h"
#include "compiler.h"
#include "once.h"

static struct zm_once once = ZM_ONCE_INIT;
static ZM_ATOMIC(int) is_loading, is_early;
static ZM_ATOMIC(zm_settle_function *) settle_groups;

/* Not while the constructor does: pthread_atfork may call a malloc that the program sends here. */
void zm_watch_forks(void)
{
    if (!zm_load(&is_loading))
        zm_once(&once, zm_register_fork_handlers);
}

ZM_CONSTRUCTOR_EARLY void zm_watch_forks_early(void)
{
    zm_store(&is_loading, 1);
    zm_once(&once, zm_register_fork_handlers);
    zm_store(&is_early, 1);
    zm_store(&is_loading, 0);
}

bool zm_forks_are_watched_early(void)
{
    return zm_load(&is_early);
}

void zm_watch_forks_for(zm_settle_function *settle)
{
    zm_store(&settle_groups, settle);
    zm_watch_forks();
}

void zm_settle_groups(void)
{
    zm_settle_function *settle = zm_load(&settle_groups);
    if (settle)
        settle();
}
