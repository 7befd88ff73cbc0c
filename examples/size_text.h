/* Sizes as people write them. */
#ifndef SIZE_TEXT_H
#define SIZE_TEXT_H

#include <stddef.h>

enum size_text { SIZE_READ, SIZE_NOT_ONE, SIZE_TOO_LARGE };

/* Bytes from a text such as "64mb": a decimal number, and b, k, m or g (1, 1000, ...) or kb, mb or
 * gb (1024, ...) in either case. What is not read as a size leaves *bytes alone. */
enum size_text read_size(const char *text, size_t *bytes);

#endif
