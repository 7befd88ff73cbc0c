#!/bin/sh -eu
# Prints the functions and function types that the header declares, one a line, as a page has them:
# without attributes.
#
# Usage: declared.sh HEADER COMPILER...
header=$1
shift
"$@" -E -P '-D__attribute__(x)=' "$header" | tr -s '\n ' '  ' |
    sed -e 's/ __asm__("[^;]*;/;/g' -e 's/;/&\n/g' |
    sed -n 's/^ *\([a-z][a-z_ ]*[ *]z[a-z_]*(.*;\)$/\1/p' | LC_ALL=C sort
