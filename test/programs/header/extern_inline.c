/* Rule: an inline function with external linkage may call every call of the header. What it calls
 * must not be static (C11 6.7.4p3), of which compilers warn. */
#include "zmalloc.h"

inline void *make_zeroed(size_t n)
{
    return n > 0 ? zcalloc(n) : zmalloc(1);
}
