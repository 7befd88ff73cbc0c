#!/bin/sh
# A Meson project that has the library as a subproject. Rule: dependency('zmalloc') finds it there
# and can ask it for its backend; the project builds and its test passes.
#
# Usage: downstream.sh SOURCE BACKEND ACCOUNTING MESON COMPILER...
set -eu
source=$1 backend=$2 accounting=$3 meson=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/project" "$work/project/subprojects"
cp "$here"/downstream/* "$here/app.c" "$work/project"
ln -s "$source" "$work/project/subprojects/zmalloc"

run() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        echo "This failed: $*" >&2
        exit 1
    }
}

cd "$work/project"
CC="$*" run "$meson" setup build --wrap-mode=nodownload --force-fallback-for=zmalloc \
    -Dexpected_backend="$backend" -Dexpected_accounting="$accounting" \
    -Dzmalloc:malloc_backend="$backend" -Dzmalloc:accounting="$accounting" \
    -Dzmalloc:tests=disabled -Dzmalloc:examples=disabled
run "$meson" test -C build
