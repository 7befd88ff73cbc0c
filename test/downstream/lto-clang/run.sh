#!/bin/sh -eu
# shellcheck disable=SC2046 # the flags are words
clang -flto -fuse-ld=lld -O2 -Wall app.c $(pkg-config --cflags --libs zmalloc) -o app
./app "$@"
CC=clang CC_LD=lld "$SOURCE/test/downstream/lto_count.sh" count
