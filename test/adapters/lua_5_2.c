/* lua.c with Lua 5.2. */
#include "lua.c"
