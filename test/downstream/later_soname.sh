#!/bin/sh
# Rule: CMake takes no version for one of an older SONAME.
. "$(dirname "$0")/lib.sh"
need cmake

copy_source "$work/source"
sed -e "s/^  version: '.*',/  version: '3.2.1',/" -e "s/^compatible_since = .*/compatible_since = '3'/" \
    "$SOURCE/meson.build" >"$work/source/meson.build"
configure "$work/build" "$work/source" --prefix="$work/prefix" --libdir=lib
"$MESON" install -C "$work/build"
copy_project cmake-versions
CMAKE_PREFIX_PATH=$work/prefix cmake -S "$work/cmake-versions" -B "$work/asked"
