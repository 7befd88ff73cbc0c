/* nghttp2: a client and a server session in memory, each in a group, that exchange requests,
 * headers and bodies. */
#include <string.h>

#include "adapter.h"
#include "zmalloc/nghttp2.h"

enum { BODY = 3000 };

static zgroup *both, *of_client, *of_server;
static nghttp2_session_callbacks *client_calls, *server_calls; /* of the C library's malloc */
static int requests = 50;
static int headers_seen, bodies_seen;
static bool no_memory;

/* What a call of nghttp2 returned: true if it is no error; no memory is the only one there may be.
 */
static bool is_good(ssize_t result)
{
    require(result >= 0 || result == NGHTTP2_ERR_NOMEM, "nghttp2 says: %s",
            nghttp2_strerror((int)result));
    no_memory |= result < 0;
    return result >= 0;
}

static nghttp2_nv header(const char *name, const char *value)
{
    nghttp2_nv pair = {(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                       strlen(value), NGHTTP2_NV_FLAG_NONE};
    return pair;
}

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *out, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *self)
{
    (void)session;
    (void)stream;
    (void)source;
    (void)self;
    size_t n = room < BODY ? room : BODY;
    memset(out, 'b', n);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static int see_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                      size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags,
                      void *self)
{
    (void)session;
    (void)frame;
    (void)flags;
    (void)self;
    headers_seen +=
        name_size > 2 && memcmp(name, "x-", 2) == 0 && value_size == 200 && value[199] == 'v';
    return 0;
}

static int see_body(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                    size_t n, void *self)
{
    (void)session;
    (void)flags;
    (void)stream;
    (void)self;
    bodies_seen += n == BODY && data[n - 1] == 'b';
    return 0;
}

/* The server answers a request when it has all of it. */
static int answer(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    (void)self;
    if (frame->hd.type != NGHTTP2_HEADERS || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    char value[201];
    memset(value, 'v', 200);
    value[200] = 0;
    nghttp2_nv headers[] = {header(":status", "200"), header("x-answer", value)};
    nghttp2_data_provider body = {{0}, read_body};
    bool good = is_good(nghttp2_submit_response(session, frame->hd.stream_id, headers, 2, &body));
    return good ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* Where there is no memory to pack headers, nghttp2 does not say so: it sends the peer that it goes
 * away, for an internal error, and wants nothing more. */
static int see_end(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    (void)session;
    (void)self;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        require(frame->goaway.error_code == NGHTTP2_INTERNAL_ERROR, "a session ends with error %u",
                frame->goaway.error_code);
        no_memory = true;
    }
    return 0;
}

/* All that one side has to say, to the other. False at its end or where there is no memory. */
static bool carry(nghttp2_session *from, nghttp2_session *to)
{
    const uint8_t *data;
    ssize_t n = nghttp2_session_mem_send(from, &data);
    if (!is_good(n) || n == 0)
        return false;
    ssize_t taken = nghttp2_session_mem_recv(to, data, (size_t)n);
    if (taken == NGHTTP2_ERR_CALLBACK_FAILURE && no_memory)
        return false;
    require(!is_good(taken) || taken == n, "%zd bytes of %zd are taken", taken, n);
    return taken == n;
}

static bool request(nghttp2_session *client, int i)
{
    char path[50], value[201];
    snprintf(path, sizeof path, "/item/%d", i);
    memset(value, 'v', 200);
    value[200] = 0;
    nghttp2_nv headers[] = {header(":method", "GET"), header(":scheme", "https"),
                            header(":authority", "example.org"), header(":path", path),
                            header("x-request", value)};
    return is_good(nghttp2_submit_request(client, NULL, headers, 5, NULL, NULL));
}

static void talk(nghttp2_session *client, nghttp2_session *server)
{
    nghttp2_settings_entry settings = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 200};
    bool good = is_good(nghttp2_submit_settings(client, NGHTTP2_FLAG_NONE, &settings, 1))
                && is_good(nghttp2_submit_settings(server, NGHTTP2_FLAG_NONE, &settings, 1));
    for (int i = 0; good && i < requests; i++)
        good = request(client, i);
    for (bool more = good; more && !no_memory;) {
        more = carry(client, server);
        held();
        more |= !no_memory && carry(server, client);
    }
}

static bool exchange(void)
{
    nghttp2_mem for_client = zmalloc_nghttp2_mem(of_client);
    nghttp2_mem for_server = zmalloc_nghttp2_mem(of_server);
    nghttp2_session *client = NULL, *server = NULL;
    headers_seen = bodies_seen = 0;
    no_memory = false;
    if (is_good(nghttp2_session_client_new3(&client, client_calls, NULL, NULL, &for_client))
        && is_good(nghttp2_session_server_new3(&server, server_calls, NULL, NULL, &for_server)))
        talk(client, server);
    nghttp2_session_del(client);
    nghttp2_session_del(server);
    require(no_memory || (headers_seen == 2 * requests && bodies_seen == requests),
            "%d headers and %d bodies arrived", headers_seen, bodies_seen);
    return !no_memory;
}

static nghttp2_session_callbacks *calls(void)
{
    nghttp2_session_callbacks *made;
    require(nghttp2_session_callbacks_new(&made) == 0, "no memory for the callbacks");
    nghttp2_session_callbacks_set_on_header_callback(made, see_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, see_body);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, see_end);
    return made;
}

int main(void)
{
    client_calls = calls();
    server_calls = calls();
    nghttp2_session_callbacks_set_on_frame_recv_callback(server_calls, answer);

    require_work(exchange, 10000);
    both = zgroup_new("nghttp2", NULL, 0);
    of_client = zgroup_new("client", both, 0);
    of_server = zgroup_new("server", both, 0);
    require_work_in(both, exchange, 10000);
    printf("nghttp2 %s: %zu bytes at most, %zu of the client, %zu of the server\n",
           nghttp2_version(0)->version_str, zgroup_peak(both), zgroup_peak(of_client),
           zgroup_peak(of_server));

    zgroup_set_limit(of_client, zgroup_peak(of_client) / 2);
    require(!exchange() && zgroup_used(both) == 0, "the client's limit holds nothing up");
    zgroup_set_limit(of_client, 0);

    requests = 5;
    require_work_under_failures(exchange, 50);
    require(zgroup_destroy(of_client) == 0 && zgroup_destroy(of_server) == 0
                && zgroup_destroy(both) == 0,
            "a group is in use");
    nghttp2_session_callbacks_del(client_calls);
    nghttp2_session_callbacks_del(server_calls);
    return 0;
}
