/* The tenants of examples/ with scripts that do worse than to keep all. Rule: such a tenant is
 * stopped, or finds nothing to do it with; the server goes on, and nothing is left. */
#include <string.h>

#include "../programs/check.h"

int example_main(void);
#define main example_main
#include "../../examples/tenants.c"
#undef main

/* What no tenant has, of Lua 5.2 to 5.4. */
static const char withheld[] =
    "for name in ('coroutine debug dofile io load loadfile loadstring os package print require '\n"
    "             .. 'setmetatable'):gmatch('%a+') do\n"
    "  if _ENV[name] ~= nil then error(name .. ' is there') end\n"
    "end\n"
    "function handle() end";

static const char *const worse[] = {
    "function handle() os.exit(0) end",
    "function handle() while true do end end",
    "function handle() while true do pcall(function() while true do end end) end end",
    "function handle() while true do xpcall(error, function() end) end end",
    "function handle() error({}) end",
    "function handle() error() end",
    "handle = 1",
    "function handle() error(4.25) end",
};

static void require_stopped(const char *script, zgroup *server)
{
    struct tenant tenant = {.name = "worse", .script = script};
    start(&tenant, server);
    serve(&tenant);
    require(!tenant.lua && tenant.served == 0, "this is not stopped: %s", script);
    end(&tenant);
}

/* Of a number that ends a script at its limit no text can be made: Lua would end the process. */
static void require_number_to_be_borne(zgroup *server)
{
    struct tenant tenant = {.name = "number", .script = "function handle() end"};
    start(&tenant, server);
    lua_pushnumber(tenant.lua, 4.25);
    for (int i = 0; i < 2; i++)
        lua_gc(tenant.lua, LUA_GCCOLLECT, 0);
    zgroup_set_limit(tenant.group, zgroup_used(tenant.group));
    require(strcmp(text_of_error(tenant.lua), "an error without a text") == 0, "it has a text: %s",
            text_of_error(tenant.lua));
    end(&tenant);
}

int main(void)
{
    zgroup *server = zgroup_new("server", NULL, SERVER_LIMIT);
    struct tenant good = {.name = "good", .script = withheld};
    start(&good, server);
    for (size_t i = 0; i < sizeof worse / sizeof *worse; i++) {
        require_stopped(worse[i], server);
        serve(&good);
    }
    require_number_to_be_borne(server);
    require(good.served == sizeof worse / sizeof *worse, "another one is served %d times",
            good.served);
    end(&good);
    require(zgroup_destroy(server) == 0 && zmalloc_used_memory() == 0, "%zu bytes are left",
            zmalloc_used_memory());
    return EXIT_SUCCESS;
}
