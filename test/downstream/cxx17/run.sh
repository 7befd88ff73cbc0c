#!/bin/sh -eu
# shellcheck disable=SC2046 # the flags are words
c++ -std=c++17 -O2 -Wall app.cpp $(pkg-config --cflags --libs zmalloc) -o app
./app "$@"
