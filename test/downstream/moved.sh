#!/bin/sh
# Rule: the library is found where it was installed, where its prefix was moved to since, and in a folder that
# stands for the root, also where its libdir has two parts.
. "$(dirname "$0")/lib.sh"
need cmake pkg-config

configure "$work/staged" "$SOURCE" -Dmalloc_backend="$BACKEND" -Dpkgconfig.relocatable=true \
    --prefix=/opt/zmalloc --libdir=lib/some-system
DESTDIR=$work/stage "$MESON" install -C "$work/staged"
use_prefix "$work/stage/opt/zmalloc" lib/some-system
run_project cc-pkg-config
export CMAKE_PREFIX_PATH="$work/stage/opt/zmalloc/lib/some-system/cmake"
run_project cmake

configure "$work/build" "$SOURCE" -Dmalloc_backend="$BACKEND" -Ddefault_library=both --prefix="$work/prefix" \
    --libdir=lib
"$MESON" install -C "$work/build"
use_prefix "$work/prefix" lib
run_project cc-pkg-config
run_project cmake
mv "$work/prefix" "$work/moved"
use_prefix "$work/moved" lib
export PKG_CONFIG='pkg-config --define-prefix'
run_project cc-pkg-config
run_project cmake
