/* libuv: 1,000 timers, work on its threads, and 100 pipes with a write that waits on each. */
#include "adapter.h"
#include "page-libuv.h"

#include <stdlib.h>
#include <string.h>

#define PIECES 64

static size_t timeouts, worked, written, received;

static int install(void)
{
#include "page-libuv.inc"
    return 0;
}

static void timed_out(uv_timer_t *timer)
{
    (void)timer;
    timeouts++;
}

static void on_a_thread(uv_work_t *request)
{
    (void)request;
}

static void is_done(uv_work_t *request, int status)
{
    (void)request;
    worked += status == 0;
}

static void is_written(uv_write_t *request, int status)
{
    (void)request;
    written += status == 0;
}

static void give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    static char space[65536];
    (void)handle;
    (void)wanted;
    *buffer = uv_buf_init(space, sizeof space);
}

static void is_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    (void)stream;
    (void)buffer;
    received += n > 0 ? (size_t)n : 0;
}

struct pair {
    uv_pipe_t ends[2];
    uv_write_t request;
    bool open;
};

static bool run_timers(uv_loop_t *loop, size_t n)
{
    uv_timer_t *timers = calloc(n, sizeof *timers);
    require(timers, "no memory");
    timeouts = 0;
    for (size_t i = 0; i < n; i++) {
        uv_timer_init(loop, &timers[i]);
        uv_timer_start(&timers[i], timed_out, i % 10, 0);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < n; i++)
        uv_close((uv_handle_t *)&timers[i], NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    free(timers);
    return timeouts == n;
}

/* More pieces than fit into the request, of more bytes than a pipe takes at once. */
static bool write_pieces(struct pair *pair, char *data, size_t n)
{
    uv_buf_t pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++)
        pieces[i] = uv_buf_init(data, (unsigned)n);
    return uv_write(&pair->request, (uv_stream_t *)&pair->ends[0], pieces, PIECES, is_written) == 0;
}

static bool open_pair(uv_loop_t *loop, struct pair *pair)
{
    uv_file fds[2];
    if (uv_pipe(fds, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE) != 0)
        return false;
    for (size_t k = 0; k < 2; k++) {
        uv_pipe_init(loop, &pair->ends[k], 0);
        require(uv_pipe_open(&pair->ends[k], fds[1 - k]) == 0, "a pipe cannot be opened");
    }
    return pair->open = true;
}

static bool run_pipes(uv_loop_t *loop, size_t n, size_t piece)
{
    struct pair *pairs = calloc(n, sizeof *pairs);
    char *data = calloc(1, piece);
    require(pairs && data, "no memory");
    written = received = 0;
    bool good = true;
    for (size_t i = 0; good && i < n; i++)
        good = open_pair(loop, &pairs[i]) && write_pieces(&pairs[i], data, piece);
    held();
    for (size_t i = 0; good && i < n; i++)
        good = uv_read_start((uv_stream_t *)&pairs[i].ends[1], give_buffer, is_read) == 0;
    while (good && received < n * PIECES * piece)
        uv_run(loop, UV_RUN_ONCE);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; pairs[i].open && k < 2; k++)
            uv_close((uv_handle_t *)&pairs[i].ends[k], NULL);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    free(data);
    free(pairs);
    return good && written == n;
}

static bool run(size_t timers, size_t pipes)
{
    uv_loop_t loop;
    uv_work_t request;
    if (uv_loop_init(&loop) != 0)
        return false;
    worked = 0;
    bool good = uv_queue_work(&loop, &request, on_a_thread, is_done) == 0;
    good = run_timers(&loop, timers) && good;
    good = run_pipes(&loop, pipes, 4096) && good;
    require(uv_loop_close(&loop) == 0, "the loop is not empty");
    return good && worked == 1;
}

static void work(void)
{
    require(run(1000, 100), "timers, pipes or threads did not work");
}

static void small_work(void)
{
    run(3, 3);
}

int main(void)
{
    size_t before = zmalloc_used_memory();
    require(uv_replace_allocator(ztrymalloc, ztryrealloc, ztrycalloc_num, NULL) == UV_EINVAL,
            "a call may be missing");
    require(install() == 0, "libuv refuses");
    require_work(work, 100u * 1024);
    require_work_under_failures(small_work, 0);
    uv_library_shutdown();
    require_total(before, "after uv_library_shutdown");
    return 0;
}
