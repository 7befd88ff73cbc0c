#!/bin/sh
set -eu
cmake -B build
cmake --build build
build/app "$@"
