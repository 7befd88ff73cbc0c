/* OpenSSL: a TLS handshake in memory with a certificate made here, and data both ways. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#include "adapter.h"
#include "zmalloc/openssl.h"

static EVP_PKEY *key;
static X509 *certificate;
static SSL_CTX *server_context, *client_context;
static bool must; /* fail where OpenSSL does: there is memory */

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

static void talk(void)
{
    SSL *server = SSL_new(server_context), *client = SSL_new(client_context);
    if (is_good(server && client, "SSL_new") && connect_in_memory(server, client)
        && shake_hands(server, client) && send_text(client, server) && send_text(server, client)) {
        require(SSL_get_verify_result(client) == X509_V_OK, "the certificate is not trusted");
        held();
    }
    SSL_free(server);
    SSL_free(client);
}

/* The whole of it. */
static void all(void)
{
    if (make_certificate() && make_contexts())
        talk();
    drop_contexts();
    drop_certificate();
    clean_up();
}

static void certificate_alone(void)
{
    make_certificate();
    drop_certificate();
    clean_up();
}

static void contexts_alone(void)
{
    make_contexts();
    drop_contexts();
    clean_up();
}

static void session_alone(void)
{
    talk();
    clean_up();
}

int main(void)
{
    size_t before = zmalloc_used_memory();
    require(zmalloc_openssl_install() == 0 && zmalloc_openssl_install() == 0, "OpenSSL refuses");

    /* What OpenSSL fetches once and keeps to its end: algorithms, texts of errors. */
    must = true;
    all();
    require(zmalloc_used_memory() > before + 100000, "OpenSSL keeps nothing in the total");
    require_work(all, 100000);
    printf("%s: keeps %zu bytes, %zu at most\n", OpenSSL_version(OPENSSL_VERSION),
           zmalloc_used_memory() - before, zmalloc_get_peak_memory() - before);

    require(make_certificate() && make_contexts(), "no contexts");
    clean_up();
    /* OpenSSL replaces some of what it keeps, and on glibc a block for one request may have 16
     * bytes more than another: whether anything was lost is seen at the end. */
    must = false;
    work_under_failures(session_alone);
    drop_contexts();
    work_under_failures(contexts_alone);
    drop_certificate();
    work_under_failures(certificate_alone);

    OPENSSL_cleanup();
    require_total(before, "after OpenSSL's clean-up");
    return 0;
}
