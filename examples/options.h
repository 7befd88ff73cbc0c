/* The command line of cache.c. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* How the program ends; its help says the same in words. */
enum { DONE, NOT_WRITTEN, BAD_USAGE, NOT_OPENED, NOT_READ, BAD_LINE, NO_MEMORY };

struct options {
    size_t limit; /* SIZE_MAX for none */
    bool skips_bad, dumps, watches;
    const char *path;    /* "-" for standard input */
    const char *profile; /* NULL for none */
};

/* Ends the program where the command line asks for help or is wrong. */
struct options parse_options(int argc, char **argv);

#endif
