#!/usr/bin/env bash
# RPM packages of the commit that is checked out, by packaging/rpm/zmalloc.spec.
# shellcheck source=packaging/lib/tarball.sh
. "$(dirname "$0")/lib/tarball.sh"

usage() {
    cat <<'TEXT'
Usage: tools/package rpm [OPTION...]

Installs what is missing (Debian, Ubuntu: as root or with sudo), builds the library for each allocator,
tests it, and leaves the packages in build/package/rpm/RPMS/ and the source package in .../SRPMS/.
Options go to rpmbuild: --nocheck leaves the tests out.
TEXT
}

case ${1:-} in
-h | --help) usage && exit ;;
esac

ensure_packages git xz-utils rpm gcc g++ libc6-dev pkg-config meson ninja-build scdoc \
    libjemalloc-dev libgoogle-perftools-dev libmimalloc-dev
top=$build/package/rpm
spec=$root/packaging/rpm/zmalloc.spec

options=()
# Debian's packages are not in rpm's database: what the spec wants is there, and rpm cannot know.
if grep -qE '^ID(_LIKE)?=.*debian' /etc/os-release; then options+=(--nodeps); fi
[ "$(rpm --eval '%meson')" != %meson ] || options+=(--load "$root/packaging/rpm/macros.meson")

rm -rf "$top/RPMS" "$top/SRPMS" "$top/BUILD"
make_tarball "$top/SOURCES"
say "Building the packages; log in ${top#"$root"/}/log"
rpmbuild -ba --define "_topdir $top" --dbpath "$top/db" "${options[@]}" "$@" "$spec" >"$top/log" 2>&1 || {
    tail -n 25 "$top/log" >&2
    die "rpmbuild failed: the end of its log is above"
}
find "$top/RPMS" "$top/SRPMS" -name '*.rpm' | sort | sed "s|^$root/||"
