#!/bin/sh
# Rule: every program in the pages compiles without a warning and says by its status that it went well; every
# page about calls has one.
#
# Usage: examples.sh PAGES INCLUDE LIBRARY COMPILER...
# PAGES is the folder with the pages.
set -eu
pages=$1 include=$2 library=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LD_LIBRARY_PATH=$(dirname "$library")
# Some of them ask for more than there is.
ASAN_OPTIONS=allocator_may_return_null=1:${ASAN_OPTIONS:-}
TSAN_OPTIONS=allocator_may_return_null=1:${TSAN_OPTIONS:-}
export LD_LIBRARY_PATH ASAN_OPTIONS TSAN_OPTIONS

# What stands between .nf and .fi, as it is printed, a file a block.
blocks() {
    rm -f "$work"/*.c
    sed -e 's/\\&//g' -e 's/\\\\/\\/g' "$1" |
        awk -v to="$work/" '/^\.nf$/ { n++; inside = 1; next } /^\.fi$/ { inside = 0 }
            inside && !/^\.RS/ { print >(to n ".c") }'
}

compile_and_run() { # NAME SOURCE COMPILER...
    name=$1 source=$2
    shift 2
    "$@" -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$include" "$source" "$library" -o "$work/program" || {
        echo "$name: an example does not compile" >&2
        exit 1
    }
    "$work/program" >"$work/output" 2>&1 || {
        cat "$source" "$work/output" >&2
        echo "$name: this example failed, and said what stands below it" >&2
        exit 1
    }
    sed "s/^/$name: /" "$work/output"
}

for page in "$pages"/*.[37]; do
    grep -q '^\.SH NAME' "$page" || continue
    name=$(basename "$page") programs=0
    blocks "$page"
    for block in "$work"/*.c; do
        grep -qs '^#include' "$block" || continue
        compile_and_run "$name" "$block" "$@"
        programs=$((programs + 1))
    done
    [ $programs -gt 0 ] || { echo "$name has no example" >&2 && exit 1; }
done
