/* A module of Redis or Valkey on the library, in a server with its own zmalloc. HOLD n keeps a
 * block of n bytes in place of the one before, none for 0, and replies what the module's library
 * has in use. For tools/check-servers. */
#include <redismodule.h>
#include <string.h>
#include <zmalloc.h>

static void *held;

static int hold(RedisModuleCtx *context, RedisModuleString **arguments, int count)
{
    long long n;
    if (count != 2 || RedisModule_StringToLongLong(arguments[1], &n) != REDISMODULE_OK)
        return RedisModule_WrongArity(context);
    zfree(held);
    held = n ? zmalloc((size_t)n) : NULL;
    if (held)
        memset(held, 1, (size_t)n);
    return RedisModule_ReplyWithLongLong(context, (long long)zmalloc_used_memory());
}

int RedisModule_OnLoad(RedisModuleCtx *context)
{
    if (RedisModule_Init(context, "hold", 1, REDISMODULE_APIVER_1) != REDISMODULE_OK)
        return REDISMODULE_ERR;
    return RedisModule_CreateCommand(context, "hold", hold, "", 0, 0, 0);
}
