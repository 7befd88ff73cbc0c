#!/usr/bin/env bash
# What the recipes of all distributions say alike, and the command that makes packages by them.
# shellcheck source=packaging/check/lib.sh
. "$(dirname "$0")/lib.sh"

folder=$root/packaging

# The first word in quotes or after the field's name.
field() { # FILE FIELD
    sed -n "s/^ *$2[:=]\{0,1\} *[('\"]*\([^ ')\"]*\).*/\1/p" "$folder/$1" | head -n 1
}

say_alike() { # WHAT EXPECTED, then FILE FIELD of each recipe
    local what=$1 expected=$2
    shift 2
    while [ $# -gt 0 ]; do
        same "$what of packaging/$1" "$expected" "$(field "$1" "$2")"
        shift 2
    done
}

same_version() {
    local version
    version=$(sed -n "s/^ *version: '\(.*\)',$/\1/p" "$root/meson.build" | head -n 1)
    say_alike "the version" "$version" rpm/zmalloc.spec Version alpine/APKBUILD pkgver arch/PKGBUILD pkgver
    say_alike "the source" "$(field rpm/zmalloc.spec URL)/releases/zmalloc-$version.tar.xz" \
        homebrew/zmalloc.rb url
    grep -q "> - $version-[0-9]" "$folder/rpm/zmalloc.spec" ||
        wrong "the spec's changelog has no entry for $version"
}

same_license() {
    local license
    license=$(sed -n "s/^ *license: '\(.*\)',$/\1/p" "$root/meson.build")
    say_alike "the license" "$license" rpm/zmalloc.spec License alpine/APKBUILD license arch/PKGBUILD license \
        homebrew/zmalloc.rb license
}

# As packaging/README.md tells how to change it.
same_home() {
    local home
    home=$(grep -o 'https://[a-z./-]*' "$folder/README.md" | head -n 1)
    say_alike "the home page" "$home" rpm/zmalloc.spec URL alpine/APKBUILD url arch/PKGBUILD url \
        homebrew/zmalloc.rb homepage debian/control Homepage
}

# Only a release has one, and only its own.
no_checksums() {
    ! grep -nE '[0-9a-f]{64}' "$folder"/{rpm/zmalloc.spec,alpine/APKBUILD,arch/PKGBUILD,homebrew/zmalloc.rb} ||
        wrong "the checksum above is of no release"
}

unknown_format() {
    local said status=0
    said=$("$root/tools/package" slackware 2>&1) || status=$?
    same "status" 1 $status
    [[ $said == *"no format slackware"*" arch "*" rpm"* ]] || wrong "$said"
}

helps() {
    local script
    "$root/tools/package" --help
    for script in "$folder"/*.sh; do
        "$root/tools/package" "$(basename "$script" .sh)" --help | grep -q '^Usage: ' ||
            wrong "$(basename "$script") does not answer --help"
    done
}

# Those without .sh in their names, which tools/check has seen to.
lint() {
    shellcheck "$folder"/standin/{abuild,abuild-meson,arch-meson}
}

check "all recipes are of meson.build's version" same_version
check "all name its license" same_license
check "all name one home page" same_home
check "none states a checksum" no_checksums
check "tools/package names the formats where it is asked for another" unknown_format
check "tools/package and each format answer --help" helps
check "the stand-ins are good shell" lint
