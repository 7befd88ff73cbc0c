/* Lua with zmalloc/lua.h: a script that builds 10 MB and drops them, and one that a limit stops.
 * Other files compile this with other versions of Lua. */
#include "zmalloc/lua.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "adapter.h"

static const char build_and_drop[] = "local rows = {}\n"
                                     "for i = 1, count do rows[i] = ('x'):rep(60) .. i end\n"
                                     "local sum = 0\n"
                                     "for i, row in ipairs(rows) do sum = sum + #row end\n"
                                     "assert(sum > 60 * count)\n"
                                     "most_is_held()\n"
                                     "rows = nil\n"
                                     "collectgarbage() collectgarbage()\n"
                                     "assert(collectgarbage('count') < 1024)\n";
static const char grow[] =
    "local rows = {} while true do rows[#rows + 1] = ('y'):rep(1000) .. #rows end";
static const char add_up[] =
    "local t = {} for i = 1, 1000 do t[i] = 'row ' .. i end assert(#t == 1000)";

static zgroup *group;
static int count;

static size_t own_figure(lua_State *L)
{
    return (size_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB, 0);
}

static int most_is_held(lua_State *L)
{
    size_t now = held(), own = own_figure(L);
    if (count < 100000)
        return 0;
    printf("%s: %zu bytes, by its own figure %zu\n", LUA_VERSION, now, own);
    require(now >= own && now <= own + own / 2, "%zu bytes, and Lua says %zu", now, own);
    return 0;
}

/* Of 5.1 not all: where memory ends while its io library is opened, lua_close() closes the
 * process's standard output (liolib.c, createstdfile: the file is there before its own way of
 * closing is). */
static void open_standard_libraries(lua_State *L)
{
#if LUA_VERSION_NUM == 501
    const lua_CFunction libraries[] = {luaopen_base, luaopen_table, luaopen_string, luaopen_math};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        lua_pushcfunction(L, libraries[i]);
        lua_pushliteral(L, ""); /* the name: base is told none */
        lua_call(L, 1, 0);
    }
#else
    luaL_openlibs(L);
#endif
}

static int open_libraries(lua_State *L)
{
    open_standard_libraries(L);
    lua_pushinteger(L, count);
    lua_setglobal(L, "count");
    lua_register(L, "most_is_held", most_is_held);
    return 0;
}

/* Pushing a C function allocates in 5.1, where this does both. */
static int call(lua_State *L, lua_CFunction function)
{
#if LUA_VERSION_NUM == 501
    return lua_cpcall(L, function, NULL);
#else
    lua_pushcfunction(L, function);
    return lua_pcall(L, 0, 0, 0);
#endif
}

/* A script's own name is made of its text, which may fail before lua_pcall(). */
static int run(lua_State *L, const char *script)
{
    int result = luaL_loadbuffer(L, script, strlen(script), "=script");
    return result ? result : lua_pcall(L, 0, 0, 0);
}

static bool require_only_memory_fails(lua_State *L, int result)
{
    const char *message = result ? lua_tostring(L, -1) : "";
    require(result == 0 || (result == LUA_ERRMEM && strcmp(message, "not enough memory") == 0),
            "result %d: %s", result, message);
    return result == 0;
}

/* The work after the state was created. */
static bool use(lua_State *L)
{
    int result = call(L, open_libraries);
    if (result == 0)
        result = run(L, build_and_drop);
    return require_only_memory_fails(L, result);
}

static bool work(void)
{
    lua_State *L = zmalloc_lua_newstate(group);
    if (!L)
        return false;
    bool done = use(L);
    lua_close(L);
    return done;
}

/* The state is as usable as before, more than once. */
static void require_limit(void)
{
    zgroup_set_limit(group, 1 << 20);
    lua_State *L = zmalloc_lua_newstate(group);
    require(L && call(L, open_libraries) == 0, "no state within 1 MiB");
    for (int i = 0; i < 3; i++) {
        int result = run(L, grow);
        require(result == LUA_ERRMEM, "a script without end ends with %d", result);
        require_only_memory_fails(L, result);
        lua_pop(L, 1);
        require(zgroup_peak(group) > (1 << 20) / 2, "it was stopped at %zu", zgroup_peak(group));
        lua_gc(L, LUA_GCCOLLECT, 0); /* 5.1 does not by itself */
        require(run(L, add_up) == 0, "the state is not usable: %s", lua_tostring(L, -1));
    }
    lua_close(L);
    require(zgroup_used(group) == 0, "the group holds %zu bytes", zgroup_used(group));
}

/* LuaJIT cannot create a state without memory (lua_jit.c): there it is done before. */
#ifndef TEST_NEWSTATE_CRASHES
#define TEST_NEWSTATE_CRASHES 0
#endif

static bool work_within(size_t limit)
{
    zgroup_set_limit(group, TEST_NEWSTATE_CRASHES ? 0 : limit);
    lua_State *L = zmalloc_lua_newstate(group);
    zgroup_set_limit(group, limit);
    if (!L)
        return false;
    bool done = use(L);
    lua_close(L);
    return done;
}

/* Where one allocation fails, Lua collects garbage and tries again. Here it has to give up. */
static void require_work_at_every_limit(void)
{
    int reached = 0;
    bool done = false;
    for (size_t limit = 512; limit < (1 << 20); limit += limit / 16) {
        zgroup_reset_peak(group);
        done = work_within(limit);
        require(zgroup_used(group) == 0, "%zu bytes are lost at a limit of %zu", zgroup_used(group),
                limit);
        reached += zgroup_peak(group) > limit - limit / 4;
    }
    require(reached > 20 && done, "only %d limits were reached, and the last was %s", reached,
            done ? "enough" : "too little");
    zgroup_set_limit(group, 0);
}

static void require_use_under_failures(size_t least)
{
    size_t nth = 0, undone = 0;
    for (bool has_failed = true; has_failed;) {
        lua_State *L = zmalloc_lua_newstate(group);
        zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NTH, ++nth);
        bool done = use(L);
        lua_close(L);
        zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NONE, 0);
        has_failed = zmalloc_failed(ZMALLOC_ALL_THREADS) != 0;
        require(zgroup_used(group) == 0, "%zu bytes are lost when allocation %zu fails",
                zgroup_used(group), nth);
        require(done || has_failed, "the work was not done, and no allocation failed");
        undone += !done;
    }
    require(nth > least && undone > 0, "%zu allocations failed, %zu of them to an effect", nth - 1,
            undone);
    printf("each of %zu allocations after lua_newstate() failed in turn\n", nth - 1);
}

/* What Lua 5.1 to 5.3 rely on: making a block smaller never fails. */
static void require_shrinking(void)
{
    char *block = zmalloc_lua_alloc(group, NULL, LUA_TSTRING, 1000);
    memset(block, 'z', 1000);
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_EVERY, 1);
    require(!zmalloc_lua_alloc(group, NULL, 1000, 10), "a fresh block in spite of the rule");
    require(!zmalloc_lua_alloc(group, block, 1000, 1001), "it grew in spite of the rule");
    require(zmalloc_lua_alloc(group, block, 1000, 1000) == block, "the same size failed");
    require(zmalloc_lua_alloc(group, block, 1000, 10) == block, "shrinking failed");
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NONE, 0);
    require(block[9] == 'z', "its bytes are lost");
    require(!zmalloc_lua_alloc(group, NULL, 0, 0), "a block of no bytes");
    require(!zmalloc_lua_alloc(group, block, 10, 0), "freeing gives a block");
    require(zgroup_used(group) == 0, "the group holds %zu bytes", zgroup_used(group));
}

int main(void)
{
    lua_State *L = zmalloc_lua_newstate(NULL);
    if (!L)
        skip("this Lua takes no allocator");
    lua_close(L);
    count = 100000;
    require_work(work, 10000000);
    group = zgroup_new("lua", NULL, 0);
    require_shrinking();
    require_work_in(group, work, 10000000);
    require_limit();
    count = 100;
    require_work_at_every_limit();
    if (TEST_NEWSTATE_CRASHES)
        require_use_under_failures(200);
    else
        require_work_under_failures(work, 300);
    require(zgroup_destroy(group) == 0, "the group is in use");
}
