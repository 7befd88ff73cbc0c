/* libevent: 1,000 timers, and 4 MiB through each of 4 pairs of buffered pipes. */
#include "adapter.h"
#include "page-libevent.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 4

static size_t timeouts, received;

static void install(void)
{
#include "page-libevent.inc"
}

static void ignore(int severity, const char *message)
{
    (void)severity;
    (void)message;
}

static void timed_out(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    timeouts++;
}

static void readable(struct bufferevent *pipe, void *context)
{
    (void)context;
    struct evbuffer *input = bufferevent_get_input(pipe);
    received += evbuffer_get_length(input);
    evbuffer_drain(input, evbuffer_get_length(input));
}

static bool run_timers(struct event_base *base, size_t n)
{
    struct event **timers = calloc(n, sizeof(*timers));
    require(timers, "no memory");
    bool added = true;
    timeouts = 0;
    for (size_t i = 0; added && i < n; i++) {
        struct timeval delay = {.tv_usec = (suseconds_t)(i % 10 * 100)};
        timers[i] = evtimer_new(base, timed_out, NULL);
        added = timers[i] && evtimer_add(timers[i], &delay) == 0;
    }
    held();
    added = added && event_base_dispatch(base) >= 0;
    for (size_t i = 0; i < n; i++) {
        if (timers[i])
            event_free(timers[i]);
    }
    free(timers);
    return added && timeouts == n;
}

/* Each of the pairs carries `size` bytes. */
static bool run_pipes(struct event_base *base, size_t size)
{
    struct bufferevent *ends[2 * PAIRS] = {NULL};
    char *data = calloc(1, size);
    require(data, "no memory");
    bool good = true;
    received = 0;
    for (size_t i = 0; good && i < PAIRS; i++) {
        evutil_socket_t fds[2];
        require(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "no pipe");
        for (size_t k = 0; k < 2; k++) {
            evutil_make_socket_nonblocking(fds[k]);
            ends[2 * i + k] = bufferevent_socket_new(base, fds[k], BEV_OPT_CLOSE_ON_FREE);
            if (!ends[2 * i + k]) {
                close(fds[k]);
                good = false;
            }
        }
        if (good) {
            bufferevent_setcb(ends[2 * i + 1], readable, NULL, NULL, NULL);
            good = bufferevent_enable(ends[2 * i + 1], EV_READ) == 0
                   && bufferevent_write(ends[2 * i], data, size) == 0;
        }
    }
    held();
    for (int turns = 0; good && received < PAIRS * size && turns < 100000; turns++)
        good = event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0;
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        if (ends[i])
            bufferevent_free(ends[i]);
    }
    /* Buffered pipes are finished by the loop. */
    event_base_loop(base, EVLOOP_NONBLOCK);
    free(data);
    return good && received == PAIRS * size;
}

static bool run(size_t timers, size_t size)
{
    struct event_base *base = event_base_new();
    bool good = base && run_timers(base, timers) && run_pipes(base, size);
    if (base)
        event_base_free(base);
    libevent_global_shutdown();
    return good;
}

static bool work(void)
{
    return run(1000, 4u << 20);
}

static bool small_work(void)
{
    return run(3, 10000);
}

int main(void)
{
    install();
    require_work(work, PAIRS * (4u << 20));
    event_set_log_callback(ignore);
    require_work_under_failures(small_work, 40);
    return 0;
}
