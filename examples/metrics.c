/* A server whose memory Prometheus watches: http://127.0.0.1:PORT/metrics.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each tenant has a group, whose figures are on the page beside those of the process. The page is
 * written by <zmalloc/prometheus.h> and served by libmicrohttpd 0.9.71 or newer. Its memory is of
 * malloc: what watches the total is not in it.
 *
 *     cc -std=c11 metrics.c $(pkg-config --cflags --libs zmalloc libmicrohttpd) -o metrics
 *     ./metrics 9464 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmalloc.h>
#include <zmalloc/prometheus.h>

/* ---- Serving ---- */

/* The page, of malloc; NULL without memory. It may have grown since its length was asked for. */
static char *write_page(size_t *length)
{
    char *page = NULL;
    size_t size = 0;
    while ((*length = zmalloc_prometheus(page, size)) >= size) {
        free(page);
        size = *length + 1024;
        page = malloc(size);
        if (!page)
            return NULL;
    }
    return page;
}

/* Gives the response to the connection. That is closed where there was no memory for one. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
    char *text = (char *)(uintptr_t)why; /* which is not written to */
    return answer(connection, status, "text/plain",
                  MHD_create_response_from_buffer(strlen(why), text, MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result answer_page(struct MHD_Connection *connection)
{
    size_t length;
    char *page = write_page(&length);
    if (!page)
        return refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "There is no memory.\n");
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, page, MHD_RESPMEM_MUST_FREE);
    if (!response)
        free(page);
    return answer(connection, MHD_HTTP_OK, ZMALLOC_PROMETHEUS_TYPE, response);
}

/* What the server calls when it has read the head of a request. */
static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_size, void **state)
{
    (void)context, (void)version, (void)upload, (void)upload_size, (void)state;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET is understood.\n");
    if (strcmp(url, "/metrics") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "The page is /metrics.\n");
    return answer_page(connection);
}

/* On the loopback interface only: the page is not for everybody. */
static struct MHD_Daemon *start_server(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *server =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, serve, NULL, //
                         MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_END);
    if (!server)
        err(1, "port %u of 127.0.0.1 cannot be had: name another, or 0 for any", port);
    return server;
}

/* ---- The program ---- */

static uint16_t port_of(const char *text)
{
    char *end;
    errno = 0;
    long port = strtol(text, &end, 10);
    if (end == text || *end || errno || port < 0 || port > UINT16_MAX)
        errx(2, "'%s' is no port: give a number from 0, for any that is free, to 65535", text);
    return (uint16_t)port;
}

static zgroup *new_group(const char *name, zgroup *parent, size_t limit)
{
    zgroup *group = zgroup_new(name, parent, limit);
    if (!group)
        errx(1, "there is no memory for the group %s", name);
    return group;
}

/* Before there are threads, which inherit it: these end the program where it waits for them. */
static sigset_t block_ends(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    return ends;
}

static void serve_until(const sigset_t *ends, uint16_t port)
{
    struct MHD_Daemon *server = start_server(port);
    port = MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
    printf("http://127.0.0.1:%u/metrics\n", port);
    if (fflush(stdout) != 0)
        err(1, "standard output");
    int which;
    sigwait(ends, &which);
    MHD_stop_daemon(server);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        errx(2, "usage: metrics PORT");
    uint16_t port = port_of(argv[1]);
    sigset_t ends = block_ends();

    zgroup *tenants = new_group("tenants", NULL, 64 << 20);
    zgroup *alice = new_group("alice", tenants, 16 << 20), *bob = new_group("bob", tenants, 0);
    void *block = zgroup_malloc(alice, 1000000);
    if (!block || zgroup_charge(bob, 4096) != 0) /* such as a page of mmap */
        errx(1, "there is no memory for the tenants");
    serve_until(&ends, port);

    zgroup_free(alice, block);
    zgroup_discharge(bob, 4096);
    zgroup_destroy(bob);
    zgroup_destroy(alice);
    zgroup_destroy(tenants);
    return zmalloc_used_memory() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
