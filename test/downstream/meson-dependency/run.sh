#!/bin/sh
set -eu
meson setup build
meson compile -C build
build/app "$@"
