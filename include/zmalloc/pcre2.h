/* PCRE2 on zmalloc: the memory of patterns and matches is in the total, and in a group where one is
 * given.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #define PCRE2_CODE_UNIT_WIDTH 8
 *     #include <zmalloc/pcre2.h>
 *
 *     pcre2_general_context *general = zmalloc_pcre2_context(group);
 *     pcre2_compile_context *compile = pcre2_compile_context_create(general);
 *     pcre2_code *code = pcre2_compile(pattern, length, 0, &error, &offset, compile);
 *     pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, general);
 *
 * Give the general context, or a context that was made from it, to every call that takes one: where
 * NULL is given, PCRE2 uses the C library's malloc, but for match data from a pattern, which then
 * follows the pattern. It may be freed once these are made: each has a copy of the hooks. Tried
 * with PCRE2 10.42.
 *
 * What to know:
 *  - The code that pcre2_jit_compile makes is mmap, not counted: PCRE2_INFO_JITSIZE tells how
 *    much, and zgroup_charge() may count it. So is a JIT stack, of which only the head is counted.
 *  - Without JIT a match takes memory for where it may have to come back to
 *    (PCRE2_INFO_FRAMESIZE each, bounded by pcre2_set_heap_limit), which stays with the match data.
 *  - The functions below are for three widths, each of a library of its own. Compilers leave out
 *    those that are not called; with -fkeep-inline-functions a program links all three.
 *  - Threads: any number.
 */
#ifndef ZMALLOC_PCRE2_H
#define ZMALLOC_PCRE2_H

#include "../zmalloc.h"

#ifndef PCRE2_CODE_UNIT_WIDTH
#error "zmalloc/pcre2.h: define PCRE2_CODE_UNIT_WIDTH before: 8, 16, 32, or 0 for several widths"
#endif
#include <pcre2.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline void *zmalloc_pcre2_alloc(PCRE2_SIZE n, void *group)
{
    return zgroup_malloc((zgroup *)group, n);
}

static inline void zmalloc_pcre2_free(void *block, void *group)
{
    zgroup_free((zgroup *)group, block);
}

/* A general context whose memory, and that of all made from it, is of `group`, or of none for NULL;
 * the group must outlive them. It is the caller's, to be given to pcre2_general_context_free. NULL
 * where there is no memory. One for each width, as PCRE2 has it; a program that chose 8, 16 or 32
 * calls it zmalloc_pcre2_context. */
static inline pcre2_general_context_8 *zmalloc_pcre2_context_8(zgroup *group)
{
    return pcre2_general_context_create_8(zmalloc_pcre2_alloc, zmalloc_pcre2_free, group);
}

static inline pcre2_general_context_16 *zmalloc_pcre2_context_16(zgroup *group)
{
    return pcre2_general_context_create_16(zmalloc_pcre2_alloc, zmalloc_pcre2_free, group);
}

static inline pcre2_general_context_32 *zmalloc_pcre2_context_32(zgroup *group)
{
    return pcre2_general_context_create_32(zmalloc_pcre2_alloc, zmalloc_pcre2_free, group);
}

#if PCRE2_CODE_UNIT_WIDTH != 0
#define zmalloc_pcre2_context PCRE2_SUFFIX(zmalloc_pcre2_context_)
#endif

#ifdef __cplusplus
}
#endif

#endif
