/* GMP on zmalloc: every number is in the total.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/gmp.h>
 *
 *     int main(void)
 *     {
 *         zmalloc_gmp_install();
 *
 * Call it first in main, while no number of GMP's is alive and there are no threads: GMP would give
 * to zfree what came from malloc. MPFR, MPC and others on GMP follow. Tried with GMP 6.2.
 *
 * What to know:
 *  - GMP cannot bear an allocation that fails, and so this is the one adapter on zmalloc and
 *    zrealloc, which call the out-of-memory handler. The default one prints and aborts, as GMP does
 *    of its own. Another (zmalloc_set_oom_handler) may end the process, or longjmp to where the
 *    program gives the calculation up. One that returns makes the adapter abort.
 *  - After a longjmp GMP is sound, but what the interrupted call had taken for itself is lost, and
 *    the number it was to write is in no state to rely on: clear or set it and no more. The other
 *    numbers are whole. zmalloc_used_memory() tells what was lost.
 *  - A calculation may be refused before it starts: ask zmalloc_used_memory() and
 *    mpz_size() of what goes in.
 *  - Texts from mpz_get_str(NULL, ...) and its likes are blocks of zmalloc's: zfree() them.
 *  - Small temporary memory is on the stack. The hook has no context, and so there is no group.
 *  - Threads: any number.
 */
#ifndef ZMALLOC_GMP_H
#define ZMALLOC_GMP_H

#include "../zmalloc.h"

#include <gmp.h>

#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline void *zmalloc_gmp_alloc(size_t n)
{
    void *block = zmalloc(n);
    if (!block)
        abort();
    return block;
}

/* `had` is what GMP asked for, and not what the block has. zrealloc to 0 bytes would give NULL. */
static inline void *zmalloc_gmp_resize(void *block, size_t had, size_t n)
{
    (void)had;
    void *moved = zrealloc(block, n ? n : 1);
    if (!moved)
        abort();
    return moved;
}

static inline void zmalloc_gmp_free(void *block, size_t had)
{
    (void)had;
    zfree(block);
}

/* Makes GMP take its memory from zmalloc, for the whole process. Always returns 0: GMP does not
 * tell whether it is in use already, and takes what it is given. No other thread may be in a call
 * of GMP. */
static inline int zmalloc_gmp_install(void)
{
    mp_set_memory_functions(zmalloc_gmp_alloc, zmalloc_gmp_resize, zmalloc_gmp_free);
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif
