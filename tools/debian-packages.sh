# Sourced by tools/check-debian: the packages, made by dpkg-buildpackage in $debs, those for i386 in the system
# $i386; and what is installed with them in the system $system, and the repository there that holds them.
# shellcheck shell=bash disable=SC2154 # which it sets

# As PACKAGING.md says.
build_packages() {
    rm -rf "$debs"
    mkdir -p "$debs"
    pack_source "$debs/zmalloc_$version.orig.tar.xz"
    tar -xf "$debs"/*.orig.tar.xz -C "$debs"
    cd "$debs/zmalloc-$version" || return
    cp -r packaging/debian .
    dpkg-checkbuilddeps || { apt_get update && apt_get build-dep -y --no-install-recommends .; }
    dpkg-buildpackage --no-sign 2>&1 | tee "$debs/log"
}

# Of the same source, without the tests: it is here to be installed beside the other.
build_for_i386() {
    rm -rf "$i386/build"
    mkdir "$i386/build"
    cp /etc/resolv.conf "$i386/etc/"
    cp "$debs"/*.dsc "$debs"/*.tar.xz "$i386/build"
    in_root "$i386" sh -ec 'cd /build
        dpkg-source -x *.dsc zmalloc
        cd zmalloc
        dpkg-checkbuilddeps -Pnocheck ||
            { apt-get update && apt-get build-dep -y --no-install-recommends -Pnocheck .; }
        dpkg-buildpackage --no-sign -B -Pnocheck
        cc debian/tests/who.c -Iinclude obj/glibc-usable/lib/libzmalloc.so -o /build/who'
}

lay_out() {
    unpack_system
    mkdir "$system/debs"
    cp /etc/resolv.conf "$system/etc/"
    cp "$i386/build/who" "$system/check/who-i386-linux-gnu"
    cp "$debs"/*.deb "$i386"/build/*.deb "$system/debs"
    echo 'deb [trusted=yes] file:/debs ./' >"$system/etc/apt/sources.list.d/zmalloc.list"
    index
}

index() {
    (cd "$system/debs" && dpkg-scanpackages --multiversion . >Packages) && run apt-get update
}

compile() {
    run sh -ec 'cd /check
        cc -O2 -Wall -Werror who.c -o who-x86_64-linux-gnu $(pkg-config --cflags --libs zmalloc)
        cc -O2 -Wall -Werror $(ls *.c | grep -vxE "who.c|app.c|metrics.c|tenants.c") -o cache $(pkg-config --cflags --libs zmalloc)'
}

# What dpkg-shlibdeps makes a program's package depend on.
program_depends() {
    mkdir -p "$system/check/debian"
    printf 'Source: app\n\nPackage: app\nArchitecture: any\n' >"$system/check/debian/control"
    run sh -ec 'cd /check && dpkg-shlibdeps -O who-x86_64-linux-gnu 2>/dev/null' |
        tr ',' '\n' | sed -n 's/^.*\(libzmalloc0\)/\1/p'
}

package_program() {
    local made=$system/check/made
    mkdir -p "$made/DEBIAN" "$made/usr/bin"
    cp "$system/check/who-$amd64" "$made/usr/bin/app"
    printf '%s\n' 'Package: app' 'Version: 1' 'Architecture: amd64' 'Description: a program' \
        'Maintainer: nobody <nobody@example.com>' "Depends: $(program_depends)" >"$made/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$made" "$system/debs/app_1_amd64.deb"
    index
}

# A package as it would be in another version.
repack() { # PACKAGE.deb VERSION
    local made=$out/repacked version
    version=$(dpkg-deb -f "$1" Version)
    rm -rf "$made"
    dpkg-deb -R "$1" "$made"
    sed -i "s/${version//./\\.}/$2/g" "$made/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$made" "$system/debs/repacked-$2-$(basename "$1")"
}

# VERSION
unpublish() { rm "$system/debs/repacked-$1"-* && index; }
