#!/usr/bin/env bash
# The release's tarball, made and tested by `meson dist`.
# shellcheck source=tools/common.sh
. "$(dirname "$0")/../tools/common.sh"

usage() {
    cat <<'TEXT'
Usage: tools/package dist [OPTION...]

Installs what is missing (Debian, Ubuntu: as root or with sudo), and leaves zmalloc-VERSION.tar.xz of the commit
that is checked out, and its SHA-256, in build/package/dist/. Before that the library is built from the tarball
and tested. Options go to `meson dist`: --no-tests leaves the tests out, --allow-dirty goes on where there are
changes that are not committed, and so not in the tarball.
TEXT
}

case ${1:-} in
-h | --help) usage && exit ;;
esac

ensure_packages git xz-utils gcc g++ libc6-dev pkg-config meson ninja-build scdoc libcriterion-dev
out=$build/package/dist
mkdir -p "$out"
# Not kept: `meson dist` takes the name from when the folder was set up.
rm -rf "$out"/*.tar.xz* "$out/build"
run() {
    "$@" >"$out/log" 2>&1 || {
        tail -n 25 "$out/log" >&2
        die "this failed, and the end of what it said is above: $*"
    }
}

run meson setup "$out/build" "$root"
say "Making the tarball and testing it; log in ${out#"$root"/}/log"
run meson dist -C "$out/build" "$@"
mv "$out"/build/meson-dist/* "$out"
find "$out" -maxdepth 1 -name '*.tar.xz*' | sort | sed "s|^$root/||"
