/* SQLite and Lua in one process, each in a group, both within a parent that has the limit. */
#include <inttypes.h>
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "adapter.h"
#include "zmalloc/lua.h"
#include "zmalloc/sqlite.h"

static const char fill[] =
    "BEGIN; DROP TABLE IF EXISTS t; CREATE TABLE t(i, text);"
    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
    "SELECT i, 'the text of row ' || i FROM n; COMMIT";
static const char keep[] = "kept = {} for i = 1, 20000 do kept[i] = 'the text of row ' .. i end";
static const char drop[] = "kept = nil collectgarbage() collectgarbage()";

static zgroup *parent, *of_sqlite, *of_lua;
static sqlite3 *db;
static lua_State *lua;

static int open_libraries(lua_State *L)
{
    luaL_openlibs(L);
    return 0;
}

static int run_in_lua(const char *script)
{
    lua_settop(lua, 0);
    int result = luaL_loadbuffer(lua, script, strlen(script), "=script");
    return result ? result : lua_pcall(lua, 0, 0, 0);
}

static int run_in_sqlite(const char *sql)
{
    int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (!sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return result;
}

static void require_sum(const char *when)
{
    size_t sqlite_holds = zgroup_used(of_sqlite), lua_holds = zgroup_used(of_lua);
    require(zgroup_used(parent) == sqlite_holds + lua_holds,
            "%s the parent has %zu, SQLite %zu and Lua %zu", when, zgroup_used(parent),
            sqlite_holds, lua_holds);
}

static void open_both(void)
{
    require(sqlite3_open(":memory:", &db) == SQLITE_OK, "no connection");
    require((lua = zmalloc_lua_newstate(of_lua)) != NULL, "no state");
    lua_pushcfunction(lua, open_libraries);
    require(lua_pcall(lua, 0, 0, 0) == 0, "no libraries");
}

static void close_both(void)
{
    lua_close(lua);
    sqlite3_close(db);
    sqlite3_shutdown();
}

static bool work(void)
{
    open_both();
    require_sum("With both open");
    size_t both = zgroup_used(parent);
    require(run_in_sqlite(fill) == SQLITE_OK, "SQLite: %s", sqlite3_errmsg(db));
    require_sum("With a table");
    require(zgroup_used(of_lua) < both, "Lua has SQLite's memory");
    require(run_in_lua(keep) == 0, "Lua: %s", lua_tostring(lua, -1));
    require_sum("With strings");
    printf("SQLite %zu and Lua %zu bytes, their parent %zu\n", zgroup_used(of_sqlite),
           zgroup_used(of_lua), held());
    close_both();
    require_sum("With both closed");
    return true;
}

/* Room for either alone is there, and not for both: who comes second is stopped. */
static void require_the_parents_limit(void)
{
    open_both();
    require(run_in_sqlite(fill) == SQLITE_OK, "SQLite: %s", sqlite3_errmsg(db));
    zgroup_set_limit(parent, zgroup_used(parent) + (256 << 10));
    require(run_in_lua(keep) == LUA_ERRMEM, "Lua is not stopped");
    require(strcmp(lua_tostring(lua, -1), "not enough memory") == 0, "it says %s",
            lua_tostring(lua, -1));
    require_sum("After Lua was stopped");
    require(run_in_lua(drop) == 0, "Lua is not usable: %s", lua_tostring(lua, -1));
    require(run_in_sqlite("INSERT INTO t VALUES (0, 'one more')") == SQLITE_OK, "SQLite: %s",
            sqlite3_errmsg(db));

    zgroup_set_limit(parent, 0); /* to delete rows takes memory: the journal */
    require(run_in_sqlite("DELETE FROM t; VACUUM") == SQLITE_OK, "SQLite: %s", sqlite3_errmsg(db));
    require(run_in_lua(keep) == 0, "Lua is stopped without a limit: %s", lua_tostring(lua, -1));
    zgroup_set_limit(parent, zgroup_used(parent) + (256 << 10));
    int result = run_in_sqlite(fill);
    require(result == SQLITE_NOMEM, "SQLite is not stopped: %d", result);
    require_sum("After SQLite was stopped");
    require(run_in_sqlite("INSERT INTO t VALUES (0, 'one more')") == SQLITE_OK, "SQLite: %s",
            sqlite3_errmsg(db));
    require(run_in_lua("assert(#kept == 20000)") == 0, "Lua: %s", lua_tostring(lua, -1));
    zgroup_set_limit(parent, 0);
    close_both();
    require_sum("In the end");
}

int main(void)
{
    parent = zgroup_new("both", NULL, 0);
    of_sqlite = zgroup_new("sqlite", parent, 0);
    of_lua = zgroup_new("lua", parent, 0);
    require(zmalloc_sqlite_install(of_sqlite) == 0, "it is too late");
    require_work_in(parent, work, 2000000);
    require_the_parents_limit();
    require(zgroup_used(parent) == 0, "%zu bytes are left", zgroup_used(parent));
    require(zgroup_destroy(of_lua) == 0 && zgroup_destroy(of_sqlite) == 0
                && zgroup_destroy(parent) == 0,
            "a group is in use");
}
