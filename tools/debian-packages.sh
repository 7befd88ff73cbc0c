# Sourced by tools/check-debian: the packages and programs that it installs in the other system, $debian,
# and the repository there that holds them. $debs has those of this architecture, $i386 is the system that
# builds the other's.
# shellcheck shell=bash disable=SC2154 # which it sets

# Of the same source, without the tests: it is here to be installed beside the other.
build_for_i386() {
    rm -rf "$i386/build"
    mkdir "$i386/build"
    cp /etc/resolv.conf "$i386/etc/"
    cp "$debs"/*.dsc "$debs"/*.tar.xz "$i386/build"
    in_root "$i386" sh -ec 'cd /build
        dpkg-source -x *.dsc zmalloc
        cd zmalloc
        dpkg-checkbuilddeps -Pnocheck || {
            apt-get update
            apt-get build-dep -y --no-install-recommends -Pnocheck /build/zmalloc
        }
        dpkg-buildpackage --no-sign -B -Pnocheck
        cc debian/tests/who.c -Iinclude obj/glibc-usable/lib/libzmalloc.so -o /build/who'
}

lay_out() {
    rm -rf "$debian"
    mkdir -p "$debian"
    tar -xf "$out/base.tar" -C "$debian"
    mkdir -p "$debian/check" "$debian/debs"
    cp /etc/resolv.conf "$debian/etc/"
    cp "$root"/examples/*.[ch] "$root/packaging/debian/tests/who.c" "$debian/check"
    cp "$debs"/*.deb "$i386"/build/*.deb "$debian/debs"
    cp "$i386/build/who" "$debian/check/who-i386-linux-gnu"
    echo 'deb [trusted=yes] file:/debs ./' >"$debian/etc/apt/sources.list.d/zmalloc.list"
    index
}

index() {
    (cd "$debian/debs" && dpkg-scanpackages --multiversion . >Packages) && run apt-get update
}

compile() {
    run sh -ec 'cd /check
        cc -O2 -Wall -Werror who.c -o who-x86_64-linux-gnu $(pkg-config --cflags --libs zmalloc)
        cc -O2 -Wall -Werror $(ls *.c | grep -vx who.c) -o cache $(pkg-config --cflags --libs zmalloc)'
}

# What dpkg-shlibdeps makes a program's package depend on.
program_depends() {
    (cd "$debian/check" && mkdir -p debian && printf 'Source: app\n\nPackage: app\nArchitecture: any\n' >debian/control)
    run sh -ec 'cd /check && dpkg-shlibdeps -O who-x86_64-linux-gnu 2>/dev/null' |
        tr ',' '\n' | sed -n 's/^.*\(libzmalloc0\)/\1/p'
}

package_program() {
    local made=$debian/check/made
    mkdir -p "$made/DEBIAN" "$made/usr/bin"
    cp "$debian/check/who-$amd64" "$made/usr/bin/app"
    printf '%s\n' 'Package: app' 'Version: 1' 'Architecture: amd64' 'Description: a program' \
        'Maintainer: nobody <nobody@example.com>' "Depends: $(program_depends)" >"$made/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$made" "$debian/debs/app_1_amd64.deb"
    index
}

# A package as it would be in another version.
repack() { # PACKAGE.deb VERSION
    local made=$out/repacked version
    version=$(dpkg-deb -f "$1" Version)
    rm -rf "$made"
    dpkg-deb -R "$1" "$made"
    sed -i "s/${version//./\\.}/$2/g" "$made/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$made" "$debian/debs/repacked-$2-$(basename "$1")"
}

unpublish() { # VERSION
    rm "$debian/debs/repacked-$1"-*
    index
}
