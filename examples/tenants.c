/* Three tenants on one server, each with a Lua state in a group that has a limit.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each tenant's script handles requests. One keeps all that it is sent, and is stopped at its limit
 * by Lua's own error; its memory is back at once, and the others go on. The table is what the
 * groups say. For Lua 5.2 and later.
 *
 * A limit of memory is no sandbox. So a tenant has no library that reaches the server or its files,
 * and is stopped after so many instructions of Lua, within which a single call of a library, as of
 * string.find with a pattern made for it, may still take long. Who runs strangers' scripts wants a
 * process for each.
 *
 *     cc -std=c11 tenants.c $(pkg-config --cflags --libs zmalloc lua5.4) -o tenants */
#include <err.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmalloc.h>
#include <zmalloc/lua.h>

enum { TENANTS = 3, REQUESTS = 3000, TENANT_LIMIT = 1 << 20, SERVER_LIMIT = 2 << 20 };
enum { MOST_INSTRUCTIONS = 1000000 }; /* that Lua runs for one request */

struct tenant {
    const char *name, *script;
    zgroup *group;
    lua_State *lua; /* NULL once it was stopped */
    int served;
};

static struct tenant tenants[TENANTS] = {
    {.name = "alice", /* keeps the last 100 */
     .script = "local last = {}\n"
               "function handle(request) last[#request % 100] = request:upper() end"},
    {.name = "bob", /* keeps nothing */
     .script = "function handle(request) return #request:rep(20) end"},
    {.name = "mallory", /* keeps all */
     .script = "local all = {}\n"
               "function handle(request) all[#all + 1] = request .. #all end"},
};

/* ---- Lua: what may raise an error, which "not enough memory" is, is in a C function that
 * lua_pcall() calls. Its one argument is the tenant. ---- */

/* What a tenant gets: not os, io, package, debug and coroutine, and of the basic functions none
 * that reads files, prints, takes compiled code, which Lua does not check, or sets a finalizer,
 * within which no hook is called. */
static void open_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {"_G", luaopen_base}, {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string}};
    static const char *const withheld[] = {"dofile",     "load",  "loadfile",
                                           "loadstring", "print", "setmetatable"};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof withheld / sizeof *withheld; i++) {
        lua_pushnil(L);
        lua_setglobal(L, withheld[i]);
    }
}

/* Once more at each instruction from then on: pcall() in the script cannot go on after it. */
static void stop(lua_State *L, lua_Debug *unused)
{
    (void)unused;
    lua_sethook(L, stop, LUA_MASKCOUNT, 1);
    luaL_error(L, "it takes too long");
}

static int load_script(lua_State *L)
{
    const struct tenant *tenant = (const struct tenant *)lua_touserdata(L, 1);
    open_libraries(L);
    if (luaL_loadbufferx(L, tenant->script, strlen(tenant->script), tenant->name, "t") != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

static int handle_request(lua_State *L)
{
    const struct tenant *tenant = (const struct tenant *)lua_touserdata(L, 1);
    char request[1024];
    int length = 500 + tenant->served % 500;
    snprintf(request, sizeof request, "%*d", length, tenant->served);
    lua_getglobal(L, "handle");
    lua_pushstring(L, request);
    lua_call(L, 1, 0);
    return 0;
}

/* The text of an error, which a script may make of anything. To turn a number into a text takes
 * memory, and outside of lua_pcall() Lua ends the process where that is not to be had. */
static const char *text_of_error(lua_State *L)
{
    return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error without a text";
}

/* True where it went well. Else the tenant is stopped, and its memory given back. */
static bool run(struct tenant *tenant, lua_CFunction function)
{
    lua_State *L = tenant->lua;
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, tenant);
    lua_sethook(L, stop, LUA_MASKCOUNT, MOST_INSTRUCTIONS);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK)
        return true;
    printf("%s is stopped after %d requests: %s\n", tenant->name, tenant->served, text_of_error(L));
    lua_close(L);
    tenant->lua = NULL;
    return false;
}

/* ---- The server ---- */

static void start(struct tenant *tenant, zgroup *server)
{
    tenant->group = zgroup_new(tenant->name, server, TENANT_LIMIT);
    tenant->lua = tenant->group ? zmalloc_lua_newstate(tenant->group) : NULL;
    if (!tenant->lua || !run(tenant, load_script))
        errx(1, "%s cannot be started: there is no memory, or the script is not Lua", tenant->name);
}

static void end(struct tenant *tenant)
{
    if (tenant->lua)
        lua_close(tenant->lua);
    if (zgroup_destroy(tenant->group) != 0)
        errx(1, "%s holds %zu bytes after its end", tenant->name, zgroup_used(tenant->group));
}

static int print_row(zgroup *group, void *context)
{
    (void)context;
    printf("%-10s %10zu %10zu %10zu\n", zgroup_name(group), zgroup_used(group), zgroup_peak(group),
           zgroup_get_limit(group));
    return 0;
}

static void print_table(const char *when)
{
    printf("\n%s:\n%-10s %10s %10s %10s\n", when, "group", "used", "peak", "limit");
    zgroup_each(print_row, NULL);
    printf("\n");
}

static void serve(struct tenant *tenant)
{
    if (tenant->lua && run(tenant, handle_request))
        tenant->served++;
}

int main(void)
{
    zgroup *server = zgroup_new("server", NULL, SERVER_LIMIT);
    if (!server)
        errx(1, "there is no memory for a group");
    for (int i = TENANTS - 1; i >= 0; i--) /* zgroup_each shows the latest first */
        start(&tenants[i], server);
    print_table("With all scripts loaded");
    for (int request = 0; request < REQUESTS; request++)
        for (int i = 0; i < TENANTS; i++)
            serve(&tenants[i]);
    for (int i = 0; i < TENANTS; i++)
        printf("%s has served %d of %d requests\n", tenants[i].name, tenants[i].served, REQUESTS);
    print_table("In the end");
    for (int i = 0; i < TENANTS; i++)
        end(&tenants[i]);
    zgroup_destroy(server);
    printf("left when all have ended: %zu bytes\n", zmalloc_used_memory());
    return EXIT_SUCCESS;
}
