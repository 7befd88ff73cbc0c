/* OpenSSL: a TLS handshake in memory with a certificate made here, and data both ways. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter.h"
#include "child.h"
#include "zmalloc/openssl.h"

enum { FAILED = 2 }; /* the status of a child in which an allocation failed */

static EVP_PKEY *key;
static X509 *certificate;
static SSL_CTX *server_context, *client_context;
static bool must = true; /* fail where OpenSSL does: there is memory */

/* Notes what a call of OpenSSL says: with memory it must be true. */
static bool is_good(bool result, const char *call)
{
    if (!result && must)
        ERR_print_errors_fp(stderr);
    require(result || !must, "%s fails", call);
    return result;
}

/* What OpenSSL keeps for a thread: its queue of errors, its random generators. */
static void clean_up(void)
{
    ERR_clear_error();
    OPENSSL_thread_stop();
}

static void drop_certificate(void)
{
    X509_free(certificate);
    EVP_PKEY_free(key);
    certificate = NULL;
    key = NULL;
}

static bool sign(X509 *made)
{
    X509_NAME *name = X509_get_subject_name(made);
    const unsigned char *host = (const unsigned char *)"localhost";
    return X509_set_version(made, 2) && ASN1_INTEGER_set(X509_get_serialNumber(made), 1)
           && X509_gmtime_adj(X509_getm_notBefore(made), -3600)
           && X509_gmtime_adj(X509_getm_notAfter(made), 3600) && X509_set_pubkey(made, key)
           && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0)
           && X509_set_issuer_name(made, name) && X509_sign(made, key, EVP_sha256());
}

static bool make_certificate(void)
{
    key = EVP_EC_gen("P-256");
    certificate = key ? X509_new() : NULL;
    return is_good(certificate && sign(certificate), "signing");
}

static void drop_contexts(void)
{
    SSL_CTX_free(server_context);
    SSL_CTX_free(client_context);
    server_context = client_context = NULL;
}

static bool make_contexts(void)
{
    server_context = SSL_CTX_new(TLS_server_method());
    client_context = server_context ? SSL_CTX_new(TLS_client_method()) : NULL;
    if (!is_good(client_context != NULL, "SSL_CTX_new"))
        return false;
    SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
    return is_good(SSL_CTX_use_certificate(server_context, certificate) == 1
                       && SSL_CTX_use_PrivateKey(server_context, key) == 1
                       && X509_STORE_add_cert(SSL_CTX_get_cert_store(client_context), certificate),
                   "setting the certificate");
}

/* A pair of BIOs belongs to the session that it is set to. */
static bool connect_in_memory(SSL *server, SSL *client)
{
    BIO *near = NULL, *far = NULL;
    if (!BIO_new_bio_pair(&near, 20000, &far, 20000))
        return is_good(false, "BIO_new_bio_pair");
    SSL_set_bio(server, near, near);
    SSL_set_bio(client, far, far);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    return true;
}

static bool wants_more(SSL *session, int result)
{
    int error = SSL_get_error(session, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static bool shake_hands(SSL *server, SSL *client)
{
    for (int turn = 0; turn < 20; turn++) {
        int of_client = SSL_do_handshake(client);
        if (of_client != 1 && !wants_more(client, of_client))
            return is_good(false, "the client's handshake");
        int of_server = SSL_do_handshake(server);
        if (of_server != 1 && !wants_more(server, of_server))
            return is_good(false, "the server's handshake");
        if (of_client == 1 && of_server == 1)
            return true;
    }
    return is_good(false, "a handshake of 20 turns");
}

static bool send_text(SSL *from, SSL *to)
{
    char text[10000], got[sizeof text];
    memset(text, 'z', sizeof text);
    size_t n = 0;
    if (!is_good(SSL_write(from, text, sizeof text) == (int)sizeof text, "SSL_write"))
        return false;
    while (n < sizeof text) {
        int more = SSL_read(to, got + n, (int)(sizeof text - n));
        if (!is_good(more > 0, "SSL_read"))
            return false;
        n += (size_t)more;
    }
    require(memcmp(text, got, sizeof text) == 0, "the text is not what it was");
    return true;
}

static bool talk(void)
{
    SSL *server = SSL_new(server_context), *client = SSL_new(client_context);
    bool good = is_good(server && client, "SSL_new") && connect_in_memory(server, client)
                && shake_hands(server, client) && send_text(client, server)
                && send_text(server, client);
    if (good) {
        require(SSL_get_verify_result(client) == X509_V_OK, "the certificate is not trusted");
        held();
    }
    SSL_free(server);
    SSL_free(client);
    return good;
}

/* The whole of it. */
static bool all(void)
{
    bool good = make_certificate() && make_contexts() && talk();
    drop_contexts();
    drop_certificate();
    clean_up();
    return good;
}

static bool make_certificate_anew(void)
{
    drop_contexts();
    drop_certificate();
    return make_certificate();
}

static bool make_contexts_anew(void)
{
    drop_contexts();
    return make_contexts();
}

static size_t nothing; /* the total before OpenSSL had any */
static size_t nth;     /* the allocation that is to fail */

/* In a child: work with a failure, and then OpenSSL's end, after which nothing may be left. */
static void fail_once(void *work)
{
    must = false;
    zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NTH, nth);
    bool done = (*(bool (**)(void))work)();
    zmalloc_fail(ZMALLOC_ALL_THREADS, ZMALLOC_FAIL_NONE, 0);
    bool has_failed = zmalloc_failed(ZMALLOC_ALL_THREADS) != 0;
    require(done || has_failed, "the work was not done, and no allocation failed");
    drop_contexts();
    drop_certificate();
    clean_up();
    OPENSSL_cleanup();
    require_total(nothing, "after OpenSSL's clean-up");
    _exit(has_failed ? FAILED : 0);
}

/* Each `step`-th allocation of the work fails, in a child of its own: a failure may make OpenSSL
 * put another entry into a cache of its life, of another size. */
static void require_work_with_failures(bool (*work)(void), const char *what, size_t step,
                                       size_t least)
{
    char text[1000];
    int status = FAILED;
    for (nth = 1; status == FAILED; nth += step) {
        status = run_child(fail_once, &work, true, text, sizeof text);
        require(WIFEXITED(status), "allocation %zu of %s fails, and signal %d ends it: %s", nth,
                what, WTERMSIG(status), text);
        status = WEXITSTATUS(status);
        require(status == FAILED || status == 0, "when allocation %zu of %s fails: %s", nth, what,
                text);
    }
    require(nth - step > least, "%s makes %zu allocations, and not %zu", what, nth - step, least);
    printf("of %zu allocations of %s every %zu. failed in turn, and nothing was lost\n", nth - step,
           what, step);
}

/* In a child: OpenSSL has a block of the C library's already. */
static void install_too_late(void *unused)
{
    (void)unused;
    OPENSSL_free(OPENSSL_malloc(1));
    errno = 0;
    require(zmalloc_openssl_install() == -1 && errno == EBUSY, "it is not too late");
}

int main(int argc, char **argv)
{
    /* All of them: `openssl 6000`, 20 seconds. */
    size_t tries = iterations(argc, argv, 850), step = tries < 6000 ? 6000 / tries : 1;
    char text[1000];
    require(run_child(install_too_late, NULL, true, text, sizeof text) == 0, "%s", text);
    nothing = zmalloc_used_memory();
    require(zmalloc_openssl_install() == 0 && zmalloc_openssl_install() == 0, "OpenSSL refuses");

    /* What OpenSSL fetches once and keeps to its end: algorithms, texts of errors. Not with
     * failures: 3.0 crashes when one of its first 51 allocations fails (it goes on without its
     * default context, and takes a lock that is not there), and loses 48 bytes when a list of names
     * cannot grow (core_namemap.c). */
    all();
    require(zmalloc_used_memory() > nothing + 100000, "OpenSSL keeps nothing in the total");
    require_work(all, 100000);
    printf("%s: keeps %zu bytes, %zu at most\n", OpenSSL_version(OPENSSL_VERSION),
           zmalloc_used_memory() - nothing, zmalloc_get_peak_memory() - nothing);

    require(make_certificate() && make_contexts(), "no contexts");
    clean_up();
    require_work_with_failures(talk, "a session", step, 1000);
    require_work_with_failures(make_contexts_anew, "two contexts", step, 400);
    require_work_with_failures(make_certificate_anew, "a certificate", step, 800);

    drop_contexts();
    drop_certificate();
    OPENSSL_cleanup();
    require_total(nothing, "after OpenSSL's clean-up");
    return 0;
}
