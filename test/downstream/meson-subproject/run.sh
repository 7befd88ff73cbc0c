#!/bin/sh
# By the option that the project passes on. BACKEND is what pkg-config would name.
set -eu
meson setup build --wrap-mode=nodownload --force-fallback-for=zmalloc -Dallocator="$BACKEND"
meson compile -C build
build/app "$@"
