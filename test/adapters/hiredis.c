/* hiredis 1.0 or newer: 10,000 commands in a pipeline to a Redis server on a socket of its own. */
#include "page-hiredis.h"
#include "server.h"

#include <time.h>

static char path[64];

static void install(void)
{
#include "page-hiredis.inc"
}

/* `n` lists of `length` numbers are kept until all have come. */
static bool ask(redisContext *redis, redisReply **replies, size_t n, size_t length)
{
    bool good = true;
    for (size_t i = 0; good && i < n; i++)
        good = redisAppendCommand(redis, "LRANGE list 0 %d", (int)length - 1) == REDIS_OK;
    for (size_t i = 0; good && i < n; i++)
        good = redisGetReply(redis, (void **)&replies[i]) == REDIS_OK
               && replies[i]->type == REDIS_REPLY_ARRAY && replies[i]->elements == length;
    held();
    return good;
}

static bool talk(size_t n, size_t length)
{
    redisReply **replies = calloc(n, sizeof *replies);
    require(replies, "no memory");
    redisContext *redis = redisConnectUnix(path);
    bool good = redis && redis->err == 0;
    for (size_t i = 0; good && i < length; i++) {
        redisReply *reply =
            redisCommand(redis, i ? "RPUSH list %s:%d" : "DEL list", "element", (int)i);
        good = reply && reply->type == REDIS_REPLY_INTEGER;
        freeReplyObject(reply);
    }
    if (good) {
        redisReply *reply = redisCommand(redis, "RPUSH list last");
        good = reply;
        freeReplyObject(reply);
    }
    good = good && ask(redis, replies, n, length);
    for (size_t i = 0; i < n; i++)
        freeReplyObject(replies[i]);
    redisFree(redis);
    free(replies);
    return good;
}

static bool work(void)
{
    return talk(1000, 100);
}

static bool small_work(void)
{
    return talk(3, 3);
}

static void wait_for_socket(void)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    for (int i = 0; i < 3000; i++) {
        redisContext *redis = redisConnectUnix(path);
        bool ready = redis && redis->err == 0;
        redisFree(redis);
        if (ready)
            return;
        nanosleep(&pause, NULL);
    }
    fail(__FILE__, __LINE__, "the server does not answer");
}

int main(void)
{
    install();
    char folder[] = "/tmp/zmalloc-redis-XXXXXX";
    require(mkdtemp(folder), "no folder");
    snprintf(path, sizeof path, "%s/socket", folder);
    const char *const arguments[] = {"redis-server", "--port", "0",     "--unixsocket", path,
                                     "--save",       "",       "--dir", folder,         NULL};
    int output;
    pid_t server = start_server(arguments, &output);
    if (server < 0) {
        remove_folder(folder, path);
        skip("the server is not here");
    }
    wait_for_socket();
    require_work(work, 4u << 20);
    require_work_under_failures(small_work, 80);
    end_server(server);
    remove_folder(folder, path);
    return 0;
}
