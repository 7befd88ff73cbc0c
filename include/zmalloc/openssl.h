/* OpenSSL on zmalloc: every byte that libcrypto and libssl take is in the total.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/openssl.h>
 *
 *     int main(void)
 *     {
 *         if (zmalloc_openssl_install() != 0)
 *             perror("OpenSSL's memory is not counted");
 *
 * Call it first in main, before any call of OpenSSL and before there are threads; nothing undoes
 * it. Tried with OpenSSL 3.0; written for 1.1.0 and newer. quictls is the same. A program that
 * links libraries which use OpenSSL is served with them: there is one libcrypto in a process.
 *
 * What to know:
 *  - OpenSSL keeps things for all its life (fetched algorithms, error texts, configuration) and
 *    some for each thread (its queue of errors, its random generators): OPENSSL_thread_stop() gives
 *    back those of a thread, and OPENSSL_cleanup(), which runs at exit, all.
 *  - OpenSSL 3.0 crashes where one of its very first allocations fails: let it start while there
 *    is memory, as by creating an SSL_CTX. After that it was seen to bear any.
 *  - The hook has no context, and so there is no group. Where one is wanted for a TLS session,
 *    OpenSSL cannot tell whose a block is.
 *  - The secure heap (CRYPTO_secure_malloc_init) is mmap, and not counted.
 */
#ifndef ZMALLOC_OPENSSL_H
#define ZMALLOC_OPENSSL_H

#include "../zmalloc.h"

#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include <errno.h>

#ifdef __cplusplus
extern "C" {
#endif

/* No block for 0 bytes, as OpenSSL has it without hooks: some of its callers do not free one. */
static inline void *zmalloc_openssl_alloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return n ? ztrymalloc(n) : NULL;
}

static inline void *zmalloc_openssl_resize(void *block, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return ztryrealloc(block, n);
}

static inline void zmalloc_openssl_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    zfree(block);
}

/* Makes OpenSSL take its memory from zmalloc, for the whole process. Returns 0; -1 with errno EBUSY
 * where OpenSSL has allocated already, ENOTSUP where this is not OpenSSL 1.1.0 or newer (LibreSSL,
 * BoringSSL and AWS-LC have no such hooks, or none that can be relied on). No other thread may be
 * in a call of OpenSSL. To call it again is fine. OpenSSL does not tell whether another allocator
 * was installed and used before: do not install two. */
static inline int zmalloc_openssl_install(void)
{
#if defined(LIBRESSL_VERSION_NUMBER) || defined(OPENSSL_IS_BORINGSSL) || defined(OPENSSL_IS_AWSLC) \
    || OPENSSL_VERSION_NUMBER < 0x10100000L
    errno = ENOTSUP;
    return -1;
#else
    if (CRYPTO_set_mem_functions(zmalloc_openssl_alloc, zmalloc_openssl_resize,
                                 zmalloc_openssl_free)
        == 1)
        return 0;
    errno = EBUSY;
    return -1;
#endif
}

#ifdef __cplusplus
}
#endif

#endif
