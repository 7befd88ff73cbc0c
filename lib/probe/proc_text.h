/* Parsers of the text of Linux's /proc. Each takes a buffer and a length, reads nothing past it,
 * and needs no terminating NUL. */
#ifndef ZM_PROC_TEXT_H
#define ZM_PROC_TEXT_H

#include <stddef.h>

/* A piece of a text. */
struct zm_piece {
    const char *at;
    size_t length;
};

/* Resident pages from /proc/PID/statm. 0, or -1 where the text is not of that form. */
int zm_statm_resident(const char *text, size_t length, size_t *pages);

/* Resident pages from /proc/PID/stat. 0, or -1 where the text is not of that form. The process's
 * name, in parentheses, may hold anything, parentheses too. */
int zm_stat_resident(const char *text, size_t length, size_t *pages);

/* A sum over the lines such as "Rss:      4 kB" of smaps, smaps_rollup, status or meminfo. */
struct zm_smaps_sum {
    const char *field; /* not empty, and without its colon or any other */
    size_t field_length;
    size_t bytes; /* SIZE_MAX where it does not hold the sum */
    int found;    /* whether any line had the field */
    int read;     /* whether there was any text; the caller's */
};

/* a + b, or SIZE_MAX. */
size_t zm_saturating_add(size_t a, size_t b);

/* Adds the lines of the text, up to the last newline, and returns how many bytes those are: the
 * rest is the beginning of a line that is still to be read. */
size_t zm_smaps_add(struct zm_smaps_sum *sum, const char *text, size_t length);

/* For a text that is read in pieces into one buffer of `size` bytes, 2 at least. Adds the lines of
 * the `length` bytes in it to each of the `count` sums, moves what is left to its front and returns
 * how much that is: the next piece goes behind it. There is always room for one. A line that does
 * not fit is no field's. */
size_t zm_smaps_add_piece(struct zm_smaps_sum *sums, size_t count, char *buffer, size_t size,
                          size_t length);

#endif
