#define _POSIX_C_SOURCE 200809L

#include "options.h"

#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmalloc.h>

#include "size_text.h"

static const char help[] =
    "Usage: cache [OPTION]... [FILE]\n"
    "Keep the lines of FILE in a cache, evict what was used least recently when it outgrows\n"
    "its limit, and report what that took. Without FILE, or with -, read standard input.\n\n"
    "A line is a key, a TAB and a value; or a key alone, and the value is empty. A key that\n"
    "comes again takes the new value and is the most recently used. Blank lines are passed\n"
    "over, and a carriage return that ends a line is dropped. A line is bad when it holds a NUL\n"
    "byte, has no key before its TAB, or is longer than 1 MiB. A line that the limit could not\n"
    "hold even alone is refused: its key is not kept, and nothing else is evicted for it.\n\n"
    "  -m, --max-memory SIZE  use no more than SIZE: bytes, or with k, m, g (1000, ...) or kb,\n"
    "                         mb, gb (1024, ...), as in 64mb; or N%, of the memory that the\n"
    "                         machine and the container leave; 0, the default, is no limit\n"
    "  -s, --skip-bad         go on past bad lines, and count them\n"
    "  -d, --dump             write what is kept to standard output, as lines to read again,\n"
    "                         most recently used first; the report goes to standard error\n"
    "  -w, --watch            each second a line on standard error: what is used, the peak, the\n"
    "                         limit, and how many were evicted\n"
    "  -p, --profile PROFILE  write to PROFILE who holds the memory when all lines are read, for\n"
    "                         google-pprof and pprof\n"
    "  -h, --help             show this and exit\n\n"
    "Exit status: 0 done, 1 output not written, 2 wrong usage or bad size, 3 FILE cannot be\n"
    "opened, 4 reading failed, 5 bad line, 6 out of memory.\n";

/* N% of what this process may have; 0 where the text is nothing of the sort. */
static size_t share_of_memory(const char *text)
{
    char *end;
    unsigned long percent = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || strcmp(end, "%") != 0)
        return 0;
    if (percent < 1 || percent > 100)
        errx(BAD_USAGE, "'%s' is no share of the memory: give 1%% to 100%%", text);
    size_t memory = zmalloc_get_memory_limit();
    if (memory == 0)
        errx(BAD_USAGE, "'%s' of what, the system does not tell: give bytes", text);
    return memory / 100 * percent;
}

static size_t parse_limit(const char *text)
{
    size_t bytes = share_of_memory(text);
    if (bytes)
        return bytes;
    enum size_text what = read_size(text, &bytes);
    if (what == SIZE_NOT_ONE)
        errx(BAD_USAGE, "'%s' is not a size: give bytes, or use k, kb, m, mb, g, gb or %%", text);
    if (what == SIZE_TOO_LARGE)
        errx(BAD_USAGE, "'%s' is more than can be counted: give less, or 0 for no limit", text);
    return bytes ? bytes : SIZE_MAX;
}

struct options parse_options(int argc, char **argv)
{
    static const struct option names[] = {{"max-memory", required_argument, NULL, 'm'},
                                          {"skip-bad", no_argument, NULL, 's'},
                                          {"dump", no_argument, NULL, 'd'},
                                          {"watch", no_argument, NULL, 'w'},
                                          {"profile", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct options options = {.limit = SIZE_MAX};
    int option;
    while ((option = getopt_long(argc, argv, "m:sdwp:h", names, NULL)) != -1) {
        if (option == 'm')
            options.limit = parse_limit(optarg);
        else if (option == 's')
            options.skips_bad = true;
        else if (option == 'd')
            options.dumps = true;
        else if (option == 'w')
            options.watches = true;
        else if (option == 'p')
            options.profile = optarg;
        else if (option == 'h')
            exit(fputs(help, stdout) == EOF || fflush(stdout) == EOF ? NOT_WRITTEN : DONE);
        else
            errx(BAD_USAGE, "see --help");
    }
    if (argc - optind > 1)
        errx(BAD_USAGE, "'%s' is one FILE too many: see --help", argv[optind + 1]);
    options.path = optind < argc ? argv[optind] : "-";
    return options;
}
