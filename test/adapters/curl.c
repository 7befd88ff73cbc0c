/* curl: 8 downloads of 1 MiB at once from python3's http.server on the loopback. */
#include "page-curl.h"
#include "server.h"

#define DOWNLOADS 8
#define SIZE (1u << 20)

static char url[64];
static size_t received;

static int install(void)
{
#include "page-curl.inc"
    return 0;
}

static size_t take(char *data, size_t one, size_t n, void *context)
{
    (void)data;
    (void)context;
    received += one * n;
    held();
    return one * n;
}

static bool add_download(CURLM *all, CURL **one, long buffer)
{
    *one = curl_easy_init();
    return *one && curl_easy_setopt(*one, CURLOPT_URL, url) == CURLE_OK
           && curl_easy_setopt(*one, CURLOPT_WRITEFUNCTION, take) == CURLE_OK
           && curl_easy_setopt(*one, CURLOPT_BUFFERSIZE, buffer) == CURLE_OK
           && curl_easy_setopt(*one, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
           && curl_easy_setopt(*one, CURLOPT_PROXY, "") == CURLE_OK
           && curl_easy_setopt(*one, CURLOPT_TIMEOUT, 60L) == CURLE_OK
           && curl_multi_add_handle(all, *one) == CURLM_OK;
}

/* False where a download failed. */
static bool finish(CURLM *all)
{
    int running = 1, left;
    bool good = true;
    while (running) {
        if (curl_multi_perform(all, &running) != CURLM_OK
            || (running && curl_multi_poll(all, NULL, 0, 1000, NULL) != CURLM_OK))
            return false;
    }
    for (CURLMsg *message; (message = curl_multi_info_read(all, &left));)
        good = good && message->data.result == CURLE_OK;
    return good;
}

static bool download(size_t n, long buffer)
{
    CURL *ones[DOWNLOADS] = {NULL};
    received = 0;
    if (install() != 0)
        return false;
    CURLM *all = curl_multi_init();
    bool good = all;
    for (size_t i = 0; good && i < n; i++)
        good = add_download(all, &ones[i], buffer);
    good = good && finish(all);
    for (size_t i = 0; i < n; i++) {
        if (ones[i] && all)
            curl_multi_remove_handle(all, ones[i]);
        curl_easy_cleanup(ones[i]);
    }
    curl_multi_cleanup(all);
    curl_global_cleanup();
    return good;
}

static bool download_all(size_t n, long buffer)
{
    bool good = download(n, buffer);
    require(!good || received == n * SIZE, "curl says that all went well, and %zu bytes came",
            received);
    return good;
}

static bool work(void)
{
    return download_all(DOWNLOADS, 256 * 1024);
}

static bool small_work(void)
{
    return download_all(1, 16 * 1024);
}

/* What curl does not tell: that it was in use already. */
static void install_twice(void)
{
    require(curl_global_init_mem(CURL_GLOBAL_ALL, ztrymalloc, zfree, ztryrealloc, ztrystrdup, NULL)
                == CURLE_FAILED_INIT,
            "a call may be missing");
    require(curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK, "curl does not start");
    size_t before = zmalloc_used_memory();
    require(install() == 0, "curl says now when it is too late: tell the page");
    CURL *one = curl_easy_init();
    require(one && zmalloc_used_memory() == before, "curl takes hooks late now: tell the page");
    curl_easy_cleanup(one);
    curl_global_cleanup();
    curl_global_cleanup();
}

/* A file for the server in a folder of its own. Stores its name. */
static void make_file(char *folder, char *name, size_t size)
{
    char *data = calloc(1, SIZE);
    require(mkdtemp(folder), "no folder");
    snprintf(name, size, "%s/file", folder);
    int file = open(name, O_WRONLY | O_CREAT, 0600);
    require(data && write(file, data, SIZE) == SIZE, "no file");
    close(file);
    free(data);
}

static void read_port(int output)
{
    char text[256];
    unsigned port = 0;
    FILE *lines = fdopen(output, "r");
    while (port == 0 && fgets(text, sizeof text, lines))
        sscanf(text, "Serving HTTP on 127.0.0.1 port %u", &port);
    require(port, "the server does not tell its port");
    snprintf(url, sizeof url, "http://127.0.0.1:%u/file", port);
}

int main(void)
{
    char folder[] = "/tmp/zmalloc-curl-XXXXXX", name[64];
    make_file(folder, name, sizeof name);
    const char *const arguments[] = {"python3", "-u",        "-m",          "http.server", "0",
                                     "--bind",  "127.0.0.1", "--directory", folder,        NULL};
    int output;
    pid_t server = start_server(arguments, &output);
    if (server < 0) {
        remove_folder(folder, name);
        skip("the server is not here");
    }
    read_port(output);
    install_twice();
    require_work(work, DOWNLOADS * 256 * 1024);
    require_work_under_failures(small_work, 40);
    end_server(server);
    remove_folder(folder, name);
    return 0;
}
