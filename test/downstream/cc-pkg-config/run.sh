#!/bin/sh -eu
# shellcheck disable=SC2046 # the flags are words
cc -O2 -Wall app.c $(${PKG_CONFIG:-pkg-config} --cflags --libs zmalloc) -o app
./app "$@"
