#!/bin/sh -eu
# Prints the functions and function types that zmalloc.h and zmalloc/prometheus.h declare, one a line, as a page has
# them: without attributes, and without what says that a header defines them too.
#
# Usage: declared.sh INCLUDE COMPILER...
include=$1
shift

declarations() { # HEADER COMPILER...
    header=$1
    shift
    "$@" -E -P '-D__attribute__(x)=' "$include/$header" | tr -s '\n ' '  ' |
        sed -e 's/ __asm__("[^;]*;/;/g' -e 's/;/&\n/g'
}

{
    declarations zmalloc.h "$@" | sed -n 's/^ *\([a-z][a-z_ ]*[ *]z[a-z_]*(.*;\)$/\1/p'
    declarations zmalloc/prometheus.h "$@" |
        sed -n 's/^\(.*}\)\{0,1\} *static inline \([a-z][a-z_ ]*[ *]z[a-z_]*([^{]*;\)$/\2/p'
} | LC_ALL=C sort
