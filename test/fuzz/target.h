/* What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput: libFuzzer drives
 * it in a build with -Dfuzz=enabled, replay.c runs the files of its corpus through it in any build.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

/* must(condition, "what is wrong when it does not hold: %d", ...) aborts, from any thread, which
 * libFuzzer takes for a finding. */
#define must(condition, ...) ((condition) ? (void)0 : found_wrong(__FILE__, __LINE__, __VA_ARGS__))
_Noreturn void found_wrong(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What of an input is still to be read. Reading past its end gives zeros and empty texts. */
struct input {
    const uint8_t *at, *end;
};

unsigned take_byte(struct input *input);

/* A text of its own, in a block of just its length: a sanitizer sees a read past it. free() it. */
struct text {
    char *at;
    size_t length;
};

/* Up to the byte `last`, which is left out, or to the end of the input. */
struct text take_until(struct input *input, char last);
struct text take_rest(struct input *input);

/* A copy with a NUL at its end, for the C library's calls. A NUL in the text becomes `instead`. */
char *as_string(struct text text, char instead);

/* Numbers that look random and come again from the same seed. */
size_t next_number(uint32_t *seed);

#endif
