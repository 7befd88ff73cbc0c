/* lua.c with LuaJIT. Its lua_newstate() crashes where the allocator gives NULL before the table of
 * strings is there, which is its second to seventh allocation (2.1, 2022-03-20):
 * https://github.com/LuaJIT/LuaJIT/issues/1248. */
#define TEST_NEWSTATE_CRASHES 1
#include "lua.c"
