/* lua.c with Lua 5.1. */
#include "lua.c"
