#!/bin/sh -eu
cmake -B build
cmake --build build
build/app "$@"
