#!/bin/sh
set -eu
make
./app "$@"
