#!/usr/bin/env bash
# Makes the Debian packages of what is committed, the way a Debian developer would.
# shellcheck source=packaging/lib/tarball.sh
. "$(dirname "$0")/lib/tarball.sh"

usage() {
    cat <<'TEXT'
Usage: tools/package deb [OPTION...]

Makes Debian's source package and packages in build/package/deb, and names them: of the commit that is checked
out, and of packaging/debian as it lies there. `apt install ./build/package/deb/*.deb` installs them. Installs what the build needs (Debian, Ubuntu: as root or with sudo).
OPTIONs are those of dpkg-buildpackage, as -Pnocheck, which leaves the tests out.
TEXT
}

case ${1:-} in
-h | --help) usage && exit ;;
esac

out=$build/package/deb
log=$out/build.log

ensure_packages git xz-utils dpkg-dev libc6-dev
version=$(project_version)
packaged=$(sed -n '1s/^zmalloc (\(.*\)-[^-]*) .*/\1/p' "$root/packaging/debian/changelog")
[ "$version" = "$packaged" ] ||
    die "packaging/debian/changelog begins with $packaged and meson.build has $version: add an entry for $version"
tree=$out/zmalloc-$version

install_build_dependencies() {
    local as_root=()
    local option profiles=()
    for option; do
        [[ $option != -P* ]] || profiles=("$option")
    done
    (cd "$tree" && dpkg-checkbuilddeps "${profiles[@]}" 2>/dev/null) && return
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    say "Installing what packaging/debian/control asks for"
    { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get build-dep -y --no-install-recommends "${profiles[@]}" "$tree"; } \
        >"$log" 2>&1 </dev/null || {
        tail -n 20 "$log" >&2
        die "apt-get could not install what the build needs: the end of what it said is above"
    }
}

rm -rf "$out"
mkdir -p "$out"

make_tarball "$out"
mv "$tarball" "$out/zmalloc_$version.orig.tar.xz"
tar -xf "$out/zmalloc_$version.orig.tar.xz" -C "$out"
cp -r "$root/packaging/debian" "$tree/debian"
install_build_dependencies "$@"

say "Building in ${tree#"$root"/}, log in ${log#"$root"/}"
(cd "$tree" && dpkg-buildpackage --no-sign "$@") >"$log" 2>&1 </dev/null || {
    tail -n 40 "$log" >&2
    die "dpkg-buildpackage failed: the end of ${log#"$root"/} is above"
}
for made in "$out"/*.dsc "$out"/*.deb; do
    [ ! -e "$made" ] || say "${made#"$root"/}"
done
