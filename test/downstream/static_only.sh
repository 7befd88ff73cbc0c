#!/bin/sh
# Rule: where there is no shared library, programs get the static one with all that its allocator leans on.
. "$(dirname "$0")/lib.sh"
need cmake pkg-config

export BACKEND=tcmalloc ALLOCATOR=tcmalloc
configure "$work/build" "$SOURCE" -Dmalloc_backend=$BACKEND -Ddefault_library=static --prefix="$work/prefix" \
    --libdir=lib
"$MESON" install -C "$work/build"
use_prefix "$work/prefix" lib
run_project cmake
run_project static
export PKG_CONFIG='pkg-config --static'
run_project cc-pkg-config
