#!/bin/sh
# Rule: a project that knows nothing of this build finds the library that it installs, is built on it and gets
# its memory from the allocator of this build.
#
# Usage: project.sh WORK PROJECT LIBRARY COMMAND...
# PROJECT is a folder beside this file, which links the LIBRARY and needs the COMMANDs.
. "$(dirname "$0")/lib.sh"
project=$1 library=$2
shift 2
need "$@"

install_this_build "$work/prefix-$BACKEND"
# CMake would make do with the archive.
[ "$library" != shared ] || rm -f "$work/prefix-$BACKEND/$LIBDIR/libzmalloc.a"
if [ "$project" = plugin ]; then
    # Its second module has another backend, whose prefix it looks for beside this one.
    other=libc-prefix
    [ "$BACKEND" != $other ] || other=glibc-usable
    configure "$work/other" "$SOURCE" -Dmalloc_backend=$other -Ddefault_library=static \
        --prefix="$work/prefix-$other" --libdir=lib
    "$MESON" install -C "$work/other"
fi
use_prefix "$work/prefix-$BACKEND" "$LIBDIR"
run_project "$project"
