/* What the calls do when they run out of memory. */
#ifndef ZM_OOM_H
#define ZM_OOM_H

#include <stddef.h>

/* NULL with errno ENOMEM: for the ztry calls, of n bytes. */
void *zm_no_memory(size_t n);

/* Calls the handler with n; NULL with errno ENOMEM if it returns. */
void *zm_out_of_memory(size_t n);

#endif
