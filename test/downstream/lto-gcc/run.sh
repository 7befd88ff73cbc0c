#!/bin/sh -eu
# shellcheck disable=SC2046 # the flags are words
gcc -flto -O2 -Wall app.c $(pkg-config --cflags --libs zmalloc) -o app
./app "$@"
CC=gcc "$SOURCE/test/downstream/lto_count.sh" count
