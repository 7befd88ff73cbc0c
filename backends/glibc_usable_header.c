/* The libc-prefix backend beside glibc-usable, for processes whose malloc_usable_size is not that
 * of their malloc. */
#define zm_backend zm_prefix_backend
#include "libc_prefix.c"
