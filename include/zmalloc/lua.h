/* Lua on zmalloc: each state is counted, and may be limited, in a group of its own.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/lua.h>
 *
 *     zgroup *group = zgroup_new("scripts", NULL, 8 << 20);
 *     lua_State *L = group ? zmalloc_lua_newstate(group) : NULL; // no group is no limit
 *     if (!L)
 *         ... there is no memory
 *     ...
 *     lua_close(L);
 *     zgroup_destroy(group);
 *
 * Where a limit of the group or the process refuses, Lua collects garbage and tries again; if that
 * was not enough, it raises "not enough memory", which lua_pcall() returns as LUA_ERRMEM. The state
 * is usable after that. Lua 5.1 and LuaJIT raise it at once: lua_gc(L, LUA_GCCOLLECT, 0) then makes
 * room.
 *
 * In every Lua an error outside a protected call ends the process. Where there is a limit,
 * luaL_openlibs(), lua_pushstring() and the like belong into a C function that lua_pcall() calls.
 * Pushing that function is safe; in 5.1 and LuaJIT it allocates, and lua_cpcall() does both.
 * Lua 5.1 closes the process's stdin or stdout by lua_close() where memory ended in luaopen_io().
 *
 * There is nothing to install. States on different threads may share a group; of one state Lua
 * itself allows one thread at a time. A state of luaL_newstate() cannot be moved here by
 * lua_setallocf(): it has blocks of the other allocator.
 *
 * For Lua 5.1 to 5.5; tried with Debian's 5.1.5, 5.2.4, 5.3.6, 5.4.4 and LuaJIT 2.1 (2022), and by
 * hand with 5.5.0. LuaJIT takes an allocator where its pointers have 64 bits (GC64: arm64, and
 * x86-64 by default since 2022) or the machine has 32; elsewhere, which includes LuaJIT 2.0 on
 * x86-64, lua_newstate() gives NULL and says "Must use luaL_newstate()" on standard error. It
 * refuses addresses above 2^47, which arm64 may have, and crashes where a limit leaves no room for
 * lua_newstate() (LuaJIT issue 1248). Machine code of its compiler is not counted.
 *
 * C++ gets <lua.hpp>. Who has Lua compiled as C++ includes its <lua.h> before this. */
#ifndef ZMALLOC_LUA_H
#define ZMALLOC_LUA_H

#ifndef LUA_VERSION
#ifdef __cplusplus
#include <lua.hpp>
#else
#include <lua.h>
#endif
#endif
#include <stddef.h>

#include "../zmalloc.h"

#if LUA_VERSION_NUM >= 505
#include <lauxlib.h> /* luaL_makeseed */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A lua_Alloc; `group` is a zgroup, or NULL for the total alone. old_size is what Lua asked for
 * last, or a type's number where there is no block.
 *
 * Never fails where it makes a block smaller, as Lua 5.1 to 5.3 rely on: the old block serves. */
static inline void *zmalloc_lua_alloc(void *group, void *block, size_t old_size, size_t n)
{
    if (n == 0) {
        zgroup_free((zgroup *)group, block);
        return NULL;
    }
    void *moved = zgroup_realloc((zgroup *)group, block, n);
    return !moved && n <= old_size ? block : moved;
}

/* A new state whose memory is all in `group`, or in the total alone for NULL, without libraries:
 * luaL_openlibs() opens them. To be closed by lua_close() before the group is destroyed. NULL where
 * there is no memory, or this Lua takes no allocator.
 *
 * Unlike luaL_newstate(), sets neither a panic function nor, from 5.4 on, one for warnings. */
static inline lua_State *zmalloc_lua_newstate(zgroup *group)
{
#if LUA_VERSION_NUM >= 505
    return lua_newstate(zmalloc_lua_alloc, group, luaL_makeseed(NULL));
#else
    return lua_newstate(zmalloc_lua_alloc, group);
#endif
}

#ifdef __cplusplus
}
#endif

#endif
