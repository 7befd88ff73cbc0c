#!/bin/sh -eu
autoreconf --install
./configure
make
./app "$@"
