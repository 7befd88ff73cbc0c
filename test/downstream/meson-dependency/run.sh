#!/bin/sh -eu
meson setup build
meson compile -C build
build/app "$@"
