#!/usr/bin/env bash
# The APKBUILD: read as abuild reads it, run by stand-ins for abuild and abuild-meson, and what they leave
# looked into. No .apk is made here, and none installed.
# shellcheck source=packaging/check/lib.sh
. "$(dirname "$0")/lib.sh"

made=$build/package/alpine
version=$(sed -n 's/^pkgver=//p' "$root/packaging/alpine/APKBUILD")

# SC2034, SC2154: abuild reads and sets these. SC2086: lists and names without blanks, by custom.
lint() {
    dash -n "$1"
    shellcheck -s dash -e SC2034,SC2086,SC2154 "$1"
}

wants_checksum() {
    mkdir "$out/unsummed"
    cp "$root/packaging/alpine/APKBUILD" "$made/zmalloc-$version.tar.xz" "$out/unsummed"
    cd "$out/unsummed"
    ! "$root/packaging/standin/abuild" >said 2>&1 || wrong "a source without a checksum was taken"
    grep -q 'states no checksum' said || wrong "$(cat said)"
}

run() {
    cd "$made"
    PATH=$PATH:$root/packaging/standin
    "$root/packaging/standin/abuild" | tee log
}

files_are() { # PACKAGE FILE...
    local package=$1
    shift
    (cd "$made/pkg/$package" && find . ! -type d -printf '%P\n') | same_lines "files of $package" "$@"
}

split_up() {
    local allocator
    files_are zmalloc usr/lib/libzmalloc.so.0 "usr/lib/libzmalloc.so.$version"
    files_are zmalloc-dev usr/include/zmalloc.h usr/lib/libzmalloc.so usr/lib/pkgconfig/zmalloc.pc \
        usr/lib/cmake/zmalloc/zmallocConfig.cmake usr/lib/cmake/zmalloc/zmallocConfigVersion.cmake
    for allocator in jemalloc mimalloc; do
        files_are "zmalloc-$allocator" "usr/lib/zmalloc/$allocator/libzmalloc.so.0" \
            "usr/lib/zmalloc/$allocator/libzmalloc.so.$version"
        readelf -d "$made/pkg/zmalloc-$allocator/usr/lib/zmalloc/$allocator/libzmalloc.so.0" >"$out/dynamic"
        grep -q "NEEDED.*lib$allocator.so" "$out/dynamic" || wrong "zmalloc-$allocator does not need $allocator"
        ! grep -E 'RPATH|RUNPATH' "$out/dynamic" || wrong "zmalloc-$allocator looks into a folder of the build"
    done
    same "packages" "zmalloc zmalloc-dev zmalloc-doc zmalloc-jemalloc zmalloc-mimalloc" \
        "$(cd "$made/pkg" && printf '%s\n' * | paste -sd ' ')"
}

is_for_musl() {
    readelf -d "$made/pkg/zmalloc/usr/lib/libzmalloc.so.0" | grep -F 'NEEDED' |
        sed 's/.*\[\(.*\)\]/\1/' | same_lines "libraries needed" libc.so
}

runs_on_musl() {
    musl-gcc -o "$out/app-musl" "$root/test/downstream/app.c" -I"$made/pkg/zmalloc-dev/usr/include" \
        "$made/pkg/zmalloc/usr/lib/libzmalloc.so.0"
    LD_LIBRARY_PATH=$made/pkg/zmalloc/usr/lib "$out/app-musl" libc
}

# The way that APKBUILD tells, for programs on glibc as these libraries are here.
others_by_path() {
    local allocator
    cc -o "$out/app" "$root/test/downstream/app.c" -I"$made/pkg/zmalloc-dev/usr/include" \
        "$made/pkg/zmalloc-jemalloc/usr/lib/zmalloc/jemalloc/libzmalloc.so.0"
    for allocator in jemalloc mimalloc; do
        LD_LIBRARY_PATH=$made/pkg/zmalloc-$allocator/usr/lib/zmalloc/$allocator "$out/app" "$allocator"
    done
}

check "APKBUILD is good shell" lint "$root/packaging/alpine/APKBUILD"
check_or_stop "tools/package alpine writes APKBUILD and its source" "$root/tools/package" alpine
check "without the source's checksum nothing is made" wants_checksum
check_or_stop "its build, check and package run, and its subpackages" run
check "the tests of every allocator have run" tests_have_run "$made/log" 3
check "each package has its files, and no other" split_up
check "zmalloc is for musl and needs nothing else" is_for_musl
check "a program runs on it" runs_on_musl
check "the others serve by LD_LIBRARY_PATH" others_by_path
