#!/bin/sh -eu
# Nothing is loaded when it starts.
# shellcheck disable=SC2046 # the flags are words
cc -static -O2 -Wall app.c $(${PKG_CONFIG:-pkg-config} --static --cflags --libs zmalloc) -o app
./app "$@"
