#!/bin/sh
# Rule: every program in the pages compiles without a warning and says by its status that it went well; every
# page about calls has one.
#
# Usage: examples.sh PAGES INCLUDE LIBRARY COMPILER...
# PAGES is the folder with the pages.
. "$(dirname "$0")/../common.sh"
pages=$1 include=$2 library=$3
shift 3
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

for page in "$pages"/*.[37]; do
    grep -q '^\.SH NAME' "$page" || continue
    name=$(basename "$page") programs=0
    blocks "$page"
    for block in "$work"/*.c; do
        grep -qs '^int main(' "$block" || continue
        "$@" -std=c11 -Wall -Wextra -Wpedantic -Werror -I "$include" "$block" "$library" -o "$work/program" ||
            die "$name: an example does not compile"
        "$work/program" >"$work/output" 2>&1 ||
            die "$(cat "$block" "$work/output")" "$name: this example failed, and said what stands below it"
        sed "s/^/$name: /" "$work/output"
        programs=$((programs + 1))
    done
    [ $programs -gt 0 ] || [ "${name##*.}" = 7 ] || complain "$name has no example"
done
exit $failed
