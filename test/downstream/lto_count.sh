#!/bin/sh -eu
# What a pair takes above the raw allocator where program, library and, as a private copy, allocator are one unit of
# link-time optimization: instructions, printed.
#
# Usage: lto_count.sh FOLDER
if ! command -v valgrind >/dev/null; then
    echo 'What a pair takes is not counted: valgrind is not here.'
    exit
fi
# One compiler's objects are nothing to another's linker.
case ${CC:-} in *clang*) export CXX="${CXX:-clang++}" ;; esac
"$MESON" setup "$1" "$SOURCE" -Dbench=enabled -Dtests=disabled -Dexamples=disabled -Dman=disabled -Db_lto=true \
    -Ddefault_library=static -Doptimization=2 -Ddebug=false -Dmalloc_backend="$BACKEND" \
    ${WRAP:+"--force-fallback-for=$WRAP" --wrap-mode=nodownload} >"$1.log" || { cat "$1.log" && exit 1; }
ninja -C "$1" bench/pairs >"$1.log" || { cat "$1.log" && exit 1; }
python3 -B "$SOURCE/bench/report/instructions.py" "$BACKEND=$1" | grep '^|'
