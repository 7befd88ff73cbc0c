#!/usr/bin/env bash
# What Alpine's abuild needs for the commit that is checked out: packaging/alpine/APKBUILD and the source.
# shellcheck source=packaging/lib/tarball.sh
. "$(dirname "$0")/lib/tarball.sh"

usage() {
    cat <<'TEXT'
Usage: tools/package alpine

Puts the source tarball into build/package/alpine/, and beside it APKBUILD with the tarball's checksum.
abuild, which is on Alpine only, makes the packages of them:

  cd build/package/alpine && SRCDEST=$PWD abuild -r
TEXT
}

case ${1:-} in
-h | --help) usage && exit ;;
'') ;;
*) usage >&2 && exit 2 ;;
esac

ensure_packages git xz-utils
out=$build/package/alpine
rm -rf "$out"
make_tarball "$out"
sum=$(cd "$out" && sha512sum "${tarball##*/}")
sed "s/^sha512sums=.*/sha512sums=\"\n$sum\n\"/" "$root/packaging/alpine/APKBUILD" >"$out/APKBUILD"
say "${out#"$root"/}: APKBUILD and its source. On Alpine: cd ${out#"$root"/} && SRCDEST=\$PWD abuild -r"
