#!/usr/bin/env bash
# Arch packages of the commit that is checked out, by packaging/arch/PKGBUILD.
# shellcheck source=packaging/lib/tarball.sh
. "$(dirname "$0")/lib/tarball.sh"

usage() {
    cat <<'TEXT'
Usage: tools/package arch [OPTION...]

Installs what is missing (Debian, Ubuntu: as root or with sudo), puts the source tarball into
build/package/arch/ and beside it PKGBUILD with the tarball's checksum, and has makepkg build, test and
leave the packages there. Options go to makepkg: --nocheck leaves the tests out.
TEXT
}

case ${1:-} in
-h | --help) usage && exit ;;
esac

ensure_packages git xz-utils makepkg libarchive-tools fakeroot gcc g++ libc6-dev pkg-config meson \
    ninja-build scdoc libjemalloc-dev libgoogle-perftools-dev libmimalloc-dev libcriterion-dev
out=$build/package/arch

options=()
# makepkg asks pacman for what the build needs, which only on Arch knows it.
command -v arch-meson >/dev/null || {
    options+=(--nodeps)
    PATH=$PATH:$root/packaging/standin
}
# makepkg refuses to run as root, and has no need to. Files are still root's, who is called by another number.
as_user=()
[ "$(id -u)" != 0 ] || as_user=(unshare --user --map-user=1000 --map-group=1000)

rm -rf "$out"
make_tarball "$out"
sum=$(sha256sum "$tarball" | cut -d ' ' -f 1)
sed "s/^sha256sums=.*/sha256sums=($sum)/" "$root/packaging/arch/PKGBUILD" >"$out/PKGBUILD"
say "Building the packages; log in ${out#"$root"/}/log"
cd "$out"
# Nothing of the user's own makepkg.conf.
env -u PKGDEST -u SRCDEST -u BUILDDIR "${as_user[@]}" makepkg --noconfirm "${options[@]}" "$@" >log 2>&1 || {
    tail -n 25 log >&2
    die "makepkg failed: the end of its log is above"
}
find "$out" -maxdepth 1 -name '*.pkg.tar*' | sort | sed "s|^$root/||"
