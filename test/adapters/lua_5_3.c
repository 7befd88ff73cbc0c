/* lua.c with Lua 5.3. */
#include "lua.c"
