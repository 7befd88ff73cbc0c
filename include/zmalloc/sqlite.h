/* SQLite on zmalloc: all that SQLite allocates is counted, in a group or in the total alone.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/sqlite.h>
 *
 *     zgroup *group = zgroup_new("sqlite", NULL, 64 << 20);
 *     if (!group || zmalloc_sqlite_install(group) != 0) // first, while there is one thread
 *         err(1, "SQLite's memory");
 *     sqlite3_open("file.db", &db);
 *
 * A statement that needs more than a limit allows fails with SQLITE_NOMEM; the connection lives on.
 *
 * SQLite has these hooks once for the process, and they have no context: one group, or none, for
 * all connections. Tried with SQLite 3.40. */
#ifndef ZMALLOC_SQLITE_H
#define ZMALLOC_SQLITE_H

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stddef.h>

#include "../zmalloc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The group of this translation unit, which is that of its hooks below: SQLite calls the hooks of
 * the unit that installed last, and no other's. */
static inline zgroup **zmalloc_sqlite_group(void)
{
    static zgroup *group;
    return &group;
}

/* ---- The hooks, as struct sqlite3_mem_methods has them: sizes above 0, blocks that are none of
 * them NULL, and any thread. */

static inline void *zmalloc_sqlite_malloc(int n)
{
    return zgroup_malloc(*zmalloc_sqlite_group(), (size_t)n);
}

static inline void zmalloc_sqlite_free(void *block)
{
    zgroup_free(*zmalloc_sqlite_group(), block);
}

static inline void *zmalloc_sqlite_realloc(void *block, int n)
{
    return zgroup_realloc(*zmalloc_sqlite_group(), block, (size_t)n);
}

/* What SQLite may write to. It takes no request above 2^31 - 256 bytes (sqlite3Malloc). */
static inline int zmalloc_sqlite_size(void *block)
{
    size_t usable = zmalloc_usable_size(block);
    return usable > INT_MAX ? INT_MAX : (int)usable;
}

/* As SQLite's own mem1.c: to 8 bytes, and not to what the block will have, as it would ask for that
 * and the allocator might give more again. */
static inline int zmalloc_sqlite_roundup(int n)
{
    return (int)(((unsigned)n + 7) & ~7u);
}

static inline int zmalloc_sqlite_init(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static inline void zmalloc_sqlite_shutdown(void *context)
{
    (void)context;
}

/* ---- Installing ---- */

/* Sends what SQLite allocates from now to `group`, or to the total alone for NULL. The group must
 * live until sqlite3_shutdown() or the end of the process.
 *
 * Returns 0. -1 with errno EBUSY where SQLite was initialized, by sqlite3_open() or almost any
 * other call of it, and was not shut down since: nothing has changed then; ENOTSUP where this
 * build of SQLite takes no hooks. Not to be called beside any call of SQLite on another thread.
 *
 * To be called once in a program. After sqlite3_shutdown(), which wants all connections closed and
 * all of sqlite3_malloc() freed, it may be called again, for another group too. Of calls in two
 * translation units, before SQLite is initialized, the last alone is in force, with its group: it
 * replaces the hooks of the first, which nothing was allocated by. Later ones give EBUSY. The unit
 * that installed must stay loaded, where it is a plugin.
 *
 * This also ends SQLite's own count (SQLITE_CONFIG_MEMSTATUS 0), and with it a mutex around each
 * allocation: sqlite3_memory_used() and sqlite3_status() of memory are 0, and
 * sqlite3_soft_heap_limit64() and sqlite3_hard_heap_limit64() do nothing. zgroup_used() and
 * zgroup_set_limit() are for that. sqlite3_db_status() tells what it did. */
static inline int zmalloc_sqlite_install(zgroup *group)
{
    struct sqlite3_mem_methods hooks = {
        zmalloc_sqlite_malloc,  zmalloc_sqlite_free, zmalloc_sqlite_realloc,  zmalloc_sqlite_size,
        zmalloc_sqlite_roundup, zmalloc_sqlite_init, zmalloc_sqlite_shutdown, NULL};
    int result = sqlite3_config(SQLITE_CONFIG_MALLOC, &hooks); /* copies them */
    if (result == SQLITE_OK) {
        *zmalloc_sqlite_group() = group;
        result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    }
    if (result == SQLITE_OK)
        return 0;
    errno = result == SQLITE_MISUSE ? EBUSY : ENOTSUP;
    return -1;
}

#ifdef __cplusplus
}
#endif

#endif
