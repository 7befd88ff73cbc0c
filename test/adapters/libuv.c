/* libuv: 1,000 timers, files and a look-up on its threads, what it tells of the machine, and 100
 * pipes with a write that waits on each. */
#include "adapter.h"
#include "page-libuv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECES 64

static size_t timeouts, files, looked_up, written, received;

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

static void is_asked(uv_fs_t *request)
{
    files += uv_fs_get_result(request) >= 0;
    uv_fs_req_cleanup(request);
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

/* More than 4 do not fit into a request. All of them are more bytes than a pipe takes at once. */
static void make_pieces(uv_buf_t *pieces, size_t n)
{
    static char data[4096];
    for (size_t i = 0; i < n; i++)
        pieces[i] = uv_buf_init(data, sizeof data);
}

static bool write_pieces(struct pair *pair, size_t n)
{
    uv_buf_t pieces[PIECES];
    make_pieces(pieces, n);
    return uv_write(&pair->request, (uv_stream_t *)&pair->ends[0], pieces, (unsigned)n, is_written)
           == 0;
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

static bool run_pipes(uv_loop_t *loop, size_t n, size_t pieces)
{
    struct pair *pairs = calloc(n, sizeof *pairs);
    require(pairs, "no memory");
    written = received = 0;
    bool good = true;
    for (size_t i = 0; good && i < n; i++)
        good = open_pair(loop, &pairs[i]) && write_pieces(&pairs[i], pieces);
    held();
    for (size_t i = 0; good && i < n; i++)
        good = uv_read_start((uv_stream_t *)&pairs[i].ends[1], give_buffer, is_read) == 0;
    while (good && received < n * pieces * 4096)
        uv_run(loop, UV_RUN_ONCE);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; pairs[i].open && k < 2; k++)
            uv_close((uv_handle_t *)&pairs[i].ends[k], NULL);
    }
    uv_run(loop, UV_RUN_DEFAULT);
    free(pairs);
    return good && written == n;
}

/* On threads: asks for a file, and writes to one. */
static bool run_files(uv_loop_t *loop, int null)
{
    uv_fs_t asked, wrote;
    uv_buf_t pieces[PIECES];
    make_pieces(pieces, PIECES);
    files = 0;
    bool good = uv_fs_stat(loop, &asked, "/", is_asked) == 0;
    good = uv_fs_write(loop, &wrote, null, pieces, PIECES, 0, is_asked) == 0 && good;
    uv_run(loop, UV_RUN_DEFAULT);
    return good && files == 2;
}

static void is_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    looked_up += status == 0 && found;
    uv_freeaddrinfo(found);
    (void)request;
}

/* Of an address, which needs no name server. */
static bool run_look_up(uv_loop_t *loop)
{
    uv_getaddrinfo_t request;
    looked_up = 0;
    if (uv_getaddrinfo(loop, &request, is_looked_up, "127.0.0.1", "80", NULL) != 0)
        return false;
    uv_run(loop, UV_RUN_DEFAULT);
    return looked_up == 1;
}

/* Neither for uv_os_environ() nor for uv_interface_addresses(): without memory libuv 1.44 loses the
 * variables that the one has, and crashes in the other. */
static bool ask_about_machine(void)
{
    uv_cpu_info_t *processors;
    uv_passwd_t user;
    int n;
    if (uv_cpu_info(&processors, &n) != 0)
        return false;
    uv_free_cpu_info(processors, n);
    if (uv_os_get_passwd(&user) != 0)
        return false;
    uv_os_free_passwd(&user);
    return true;
}

static bool run(uv_loop_t *loop, size_t timers, size_t pipes, size_t pieces)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    require(null >= 0, "no /dev/null");
    bool good = run_files(loop, null);
    good = run_look_up(loop) && good;
    good = ask_about_machine() && good;
    good = run_timers(loop, timers) && good;
    good = run_pipes(loop, pipes, pieces) && good;
    close(null);
    return good;
}

static bool work(void)
{
    uv_loop_t loop;
    require(uv_loop_init(&loop) == 0, "no loop");
    bool good = run(&loop, 1000, 100, PIECES);
    require(uv_loop_close(&loop) == 0, "the loop is not empty");
    return good;
}

/* Its table of files is as large as it gets: libuv 1.44 ends the process, in uv__io_start, when it
 * cannot grow; that may be in uv_loop_init too. */
static uv_loop_t warm;

/* With writes of no more than 4 pieces: where there is no memory for more, uv_write of libuv 1.44
 * leaves the request counted as active, and uv_run never returns. */
static bool small_work(void)
{
    return run(&warm, 3, 3, 4);
}

int main(void)
{
    size_t before = zmalloc_used_memory();
    require(uv_replace_allocator(ztrymalloc, ztryrealloc, ztrycalloc_num, NULL) == UV_EINVAL,
            "a call may be missing");
    require(install() == 0, "libuv refuses");
    require_work(work, 100u * 1024);
    require(uv_loop_init(&warm) == 0 && run(&warm, 3, 10, 4),
            "timers, pipes or threads did not work");
    require_work_under_failures(small_work, 6);
    require(uv_loop_close(&warm) == 0, "the loop is not empty");
    uv_library_shutdown();
    require_total(before, "after uv_library_shutdown");
    return 0;
}
