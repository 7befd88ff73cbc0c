#!/bin/sh -eu
# gcc 12 and clang 9 know level 3; _at_least calls give a block that may be written to the end.
# shellcheck disable=SC2046 # the flags are words
cc -O2 -D_FORTIFY_SOURCE=3 -Wall app.c $(pkg-config --cflags --libs zmalloc) -o app
./app "$@"
