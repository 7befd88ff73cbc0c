#!/bin/sh
# By the option that the project passes on. BACKEND is what pkg-config would name, WITHIN what besides the library
# comes by a wrap, ",jemalloc", with options for it.
set -eu
# shellcheck disable=SC2086 # options
meson setup build --wrap-mode=nodownload --force-fallback-for=zmalloc$WITHIN -Dallocator="$BACKEND"
meson compile -C build
build/app "$@"
ldd build/app >needed
[ -z "$WITHIN" ] || ! grep "lib$1" needed
