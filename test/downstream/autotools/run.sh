#!/bin/sh
set -eu
autoreconf --install
./configure
make
./app "$@"
