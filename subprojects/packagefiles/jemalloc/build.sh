#!/bin/sh
# Builds jemalloc's static library by its own configure and make, in a folder of its own, and makes
# one object of it.
#
# Arguments: configure, the folder, the object, the header, make, ar, the machine it is built for or
# '', further compiler options or '', `enable` or `disable` for initial-exec thread-local variables,
# further arguments of configure or '', the compiler with its options.
set -eu

absolute() {
    echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
}

configure=$(absolute "$1")
folder=$2
object=$(absolute "$3")
header=$(absolute "$4")
make=$5
ar=$6
triple=$7
options=$8
tls=$9
shift 9
more=$1
shift

# The outer build's settings came by arguments; what a surrounding make says is not for this one.
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS LIBS MAKEFLAGS MFLAGS MAKELEVEL

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
log=$PWD/build.log

quietly() {
    if ! "$@" >>"$log" 2>&1; then
        tail -n 25 "$log" >&2
        echo "jemalloc: this failed: $*" >&2
        echo "jemalloc: the end of what it said is above; all of it is in $log" >&2
        exit 1
    fi
}

# shellcheck disable=SC2086 # words
# The zone allocator, which macOS would have, makes itself the process's malloc.
quietly "$configure" ${triple:+--host="$triple"} CC="$*" AR="$ar" EXTRA_CFLAGS="$options" \
    --with-jemalloc-prefix=je_ --without-export --"$tls"-initial-exec-tls \
    --disable-zone-allocator --disable-cxx --disable-doc --disable-shared --enable-static $more
quietly "$make" -j"$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" lib/libjemalloc_pic.a

mkdir objects
cd objects
quietly "$ar" x ../lib/libjemalloc_pic.a
quietly "$@" -r -nostdlib -o "$object" ./*.o
cp ../include/jemalloc/jemalloc.h "$header"
