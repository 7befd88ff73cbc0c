/* c-ares: 1,000 questions at once to a name server that is a UDP socket of this program's own. */
#include "adapter.h"
#include "page-cares.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUESTIONS 1000

static int server = -1;
static unsigned short port;
static size_t answered, asked;

static int install(void)
{
#include "page-cares.inc"
    return 0;
}

static void open_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int room = 4 << 20;
    server = socket(AF_INET, SOCK_DGRAM, 0);
    require(server >= 0 && bind(server, (struct sockaddr *)&address, length) == 0
                && getsockname(server, (struct sockaddr *)&address, &length) == 0,
            "no socket");
    setsockopt(server, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    port = ntohs(address.sin_port);
}

/* Answers a question with one address, without any options that came with it. */
static void answer(void)
{
    static const unsigned char record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
    unsigned char message[600];
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t n = recvfrom(server, message, 512, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
    size_t end = 12;
    while ((ssize_t)end < n && message[end])
        end += message[end] + 1u;
    end += 5; /* the name's end, type and class */
    if ((ssize_t)end > n)
        return;
    message[2] |= 0x80;            /* a response */
    message[7] = 1;                /* with one answer */
    message[10] = message[11] = 0; /* and no more */
    memcpy(message + end, record, sizeof record);
    sendto(server, message, end + sizeof record, 0, (struct sockaddr *)&from, length);
}

static void is_answered(void *context, int status, int timeouts, struct hostent *host)
{
    (void)context;
    (void)timeouts;
    asked--;
    answered += status == ARES_SUCCESS && host->h_addrtype == AF_INET;
    if (asked == 0)
        held();
}

static void wait_for_answers(ares_channel channel)
{
    while (asked > 0) {
        fd_set readable, writable;
        struct timeval most = {.tv_usec = 100000}, until;
        FD_ZERO(&readable);
        FD_ZERO(&writable);
        int n = ares_fds(channel, &readable, &writable);
        FD_SET(server, &readable);
        n = n > server ? n : server + 1;
        require(select(n, &readable, &writable, NULL, ares_timeout(channel, &most, &until)) >= 0,
                "select failed");
        if (FD_ISSET(server, &readable))
            answer();
        ares_process(channel, &readable, &writable);
    }
}

static bool look_up(size_t n, int timeout)
{
    static char lookups[] = "b"; /* the name server, and no /etc/hosts */
    ares_channel channel;
    struct ares_options options = {
        .udp_port = 0, .tcp_port = 0, .timeout = timeout, .tries = 3, .lookups = lookups};
    char servers[32];
    answered = 0;
    if (install() != 0)
        return false;
    bool good = ares_init_options(&channel, &options,
                                  ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS)
                == ARES_SUCCESS;
    if (good) {
        snprintf(servers, sizeof servers, "127.0.0.1:%u", port);
        good = ares_set_servers_ports_csv(channel, servers) == ARES_SUCCESS;
        asked = good ? n : 0;
        for (size_t i = 0; good && i < n; i++) {
            char name[40];
            snprintf(name, sizeof name, "host%zu.example.", i);
            ares_gethostbyname(channel, name, AF_INET, is_answered, NULL);
        }
        held();
        wait_for_answers(channel);
        ares_destroy(channel);
    }
    ares_library_cleanup();
    return good && answered == n;
}

static bool work(void)
{
    require(look_up(QUESTIONS, 10000), "%zu questions were answered", answered);
    return true;
}

static bool small_work(void)
{
    return look_up(2, 50);
}

int main(void)
{
    open_server();
    require_work(work, 400u * 1024);
    require_work_under_failures(small_work, 30);
    return 0;
}
