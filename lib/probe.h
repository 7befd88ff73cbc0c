/* What stats.c asks of an operating system. Each system is a file in probe/, picked by Meson.
 *
 * All figures are bytes. A probe returns 0 and stores its figure, or -1 with errno set: ENOSYS
 * where the system cannot tell at all. No descriptor stays open, nothing is allocated; any thread
 * may call. */
#ifndef ZM_PROBE_H
#define ZM_PROBE_H

#include <stddef.h>

/* Resident bytes of this process. */
int zm_probe_rss(size_t *bytes);

/* Private dirty bytes of a process; pid -1 is this one, else pid > 0. */
int zm_probe_private_dirty(long pid, size_t *bytes);

/* Sum of an smaps field of a process. `field` is the name without its colon, `len` > 0 its length;
 * pid as above. ENODATA: there is no such field. */
int zm_probe_smaps_field(const char *field, size_t len, long pid, size_t *bytes);

/* Physical memory of the machine. */
int zm_probe_memory_size(size_t *bytes);

/* The least limit on memory of the containers that this process is in, SIZE_MAX where there is none
 * or none can be read. errno is not kept. */
size_t zm_probe_memory_limit(void);

/* Hands the list of this process's mappings to `write`, as Linux's /proc/self/maps has it, in one
 * piece or more; nothing, and 0, where the system has no such list. */
int zm_probe_mappings(void (*write)(void *context, const char *text, size_t length), void *context);

#endif
