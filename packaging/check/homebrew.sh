#!/usr/bin/env bash
# The Homebrew formula: read by ruby, its install and its test run by a stand-in for brew, on Linux.
# shellcheck source=packaging/check/lib.sh
. "$(dirname "$0")/lib.sh"

made=$build/package/homebrew

syntax() {
    ruby -wc "$1"
}

brew() { # FORMULA
    ruby "$root/packaging/standin/brew.rb" "$1" "$out/prefix"
}

wants_checksum() {
    mkdir "$out/unsummed"
    cp "$root/packaging/homebrew/zmalloc.rb" "$made"/*.tar.xz "$out/unsummed"
    local said
    ! said=$(brew "$out/unsummed/zmalloc.rb" 2>&1) || wrong "a source without a checksum was taken"
    [[ $said == *'the formula says ""' ]] || wrong "$said"
}

installed() {
    (cd "$out/prefix" && find . ! -type d -printf '%P\n') | grep -v '^share/man/' |
        same_lines "files" include/zmalloc.h lib/libzmalloc.so lib/libzmalloc.so.0 \
            "lib/$(basename "$(readlink -f "$out/prefix/lib/libzmalloc.so")")" lib/pkgconfig/zmalloc.pc \
            lib/cmake/zmalloc/zmallocConfig.cmake lib/cmake/zmalloc/zmallocConfigVersion.cmake
}

check "the formula is good Ruby" syntax "$root/packaging/homebrew/zmalloc.rb"
check_or_stop "tools/package homebrew writes it and its source" "$root/tools/package" homebrew
check "without the source's checksum nothing is installed" wants_checksum
check "its install and its test run" brew "$made/zmalloc.rb"
check "the library is installed, and nothing else" installed
