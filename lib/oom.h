/* Out of memory: whom to tell. */
#ifndef ZM_OOM_H
#define ZM_OOM_H

#include <stddef.h>

/* Sets errno and returns NULL, for the calls that do not tell the handler. */
void *zm_no_memory(void);

/* Tells the handler that n bytes were not to be had; NULL with errno ENOMEM if it returns. */
void *zm_out_of_memory(size_t n);

#endif
