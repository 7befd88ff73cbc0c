#!/bin/sh -eu
# By the option that the project passes on. BACKEND is what pkg-config would name. Where WRAP names one, the
# library has its allocator by that, with WRAP_OPTIONS.
# shellcheck disable=SC2086 # options
meson setup build --wrap-mode=nodownload --force-fallback-for="zmalloc${WRAP:+,$WRAP}" \
    -Dallocator="$BACKEND" $WRAP_OPTIONS
meson compile -C build
build/app "$@"
ldd build/app >needed
[ -z "$WRAP" ] || ! grep "lib$1" needed
