/* nghttp2 on zmalloc: the memory of a session is in the total, and in a group where one is given.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     #include <zmalloc/nghttp2.h>
 *
 *     nghttp2_mem mem = zmalloc_nghttp2_mem(group);
 *     nghttp2_session *session;
 *     if (nghttp2_session_server_new3(&session, callbacks, self, NULL, &mem) != 0)
 *         ... NGHTTP2_ERR_NOMEM: over the group's limit, or there is no memory
 *
 * For nghttp2_session_client_new3 and nghttp2_session_server_new3, which copy it, and for
 * nghttp2_hd_deflate_new2 and nghttp2_hd_inflate_new2, which keep the pointer: there `mem` must be
 * as it is until they are deleted. Tried with nghttp2 1.52.
 *
 * What to know:
 *  - nghttp2_session_callbacks_new and nghttp2_option_new take no hooks and use the C library's
 *    malloc: a few hundred bytes each, which may be freed once there is a session.
 *  - A header that was kept (nghttp2_rcbuf_incref) is of the group as long as it is kept.
 *  - NGHTTP2_ERR_NOMEM ends a session: delete it. Where there is no memory to pack headers there is
 *    no such error: the peer gets GOAWAY with INTERNAL_ERROR, and the session wants nothing more.
 *  - Threads: as many as there are sessions.
 */
#ifndef ZMALLOC_NGHTTP2_H
#define ZMALLOC_NGHTTP2_H

#include "../zmalloc.h"

#include <nghttp2/nghttp2.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline void *zmalloc_nghttp2_alloc(size_t n, void *group)
{
    return zgroup_malloc((zgroup *)group, n);
}

static inline void *zmalloc_nghttp2_zeroed(size_t num, size_t n, void *group)
{
    return zgroup_calloc((zgroup *)group, num, n);
}

static inline void *zmalloc_nghttp2_resize(void *block, size_t n, void *group)
{
    return zgroup_realloc((zgroup *)group, block, n);
}

static inline void zmalloc_nghttp2_free(void *block, void *group)
{
    zgroup_free((zgroup *)group, block);
}

/* The hooks that take memory from `group`, or from none for NULL; the group must outlive what is
 * created with them. Allocates nothing and cannot fail. */
static inline nghttp2_mem zmalloc_nghttp2_mem(zgroup *group)
{
    nghttp2_mem mem;
    mem.mem_user_data = group;
    mem.malloc = zmalloc_nghttp2_alloc;
    mem.free = zmalloc_nghttp2_free;
    mem.calloc = zmalloc_nghttp2_zeroed;
    mem.realloc = zmalloc_nghttp2_resize;
    return mem;
}

#ifdef __cplusplus
}
#endif

#endif
